#ifndef ROSTER_BASE_JSON_TEXT_H_
#define ROSTER_BASE_JSON_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace roster {

// Adds `text` as a JSON string, in ASCII. Its bytes may be anything: each one beyond ASCII becomes a code point of
// Latin-1.
void AppendJsonString(absl::string_view text, std::string& out);

// Adds `"key":value` to the object that `out` begins with "{"; `value` as a string where it is `quoted`, else as it is.
void AppendJsonMember(absl::string_view key, absl::string_view value, bool quoted, std::string& out);

}  // namespace roster

#endif  // ROSTER_BASE_JSON_TEXT_H_
