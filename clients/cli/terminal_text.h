#ifndef ROSTER_CLIENTS_CLI_TERMINAL_TEXT_H_
#define ROSTER_CLIENTS_CLI_TERMINAL_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace roster::cli {

// Whether `text` is UTF-8, as all strings of protobuf's must be.
bool IsUtf8(absl::string_view text);

// `text` made safe to show: control characters, bytes that are no UTF-8, and marks that reorder or hide text become
// U+FFFD, so that no value can move the cursor, recolour the terminal or pose as another.
std::string Printable(absl::string_view text);

// Columns of a terminal that printable `text` takes: 2 for wide East Asian characters and emoji, 0 for combining marks.
// An approximation by Unicode blocks; a terminal may differ for rare characters.
int DisplayWidth(absl::string_view text);

// Printable `text` filled with blanks to `width` columns. Longer text is cut, with an ellipsis, where `cut` is set;
// otherwise it stays whole.
std::string Fit(absl::string_view text, int width, bool cut);

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_TERMINAL_TEXT_H_
