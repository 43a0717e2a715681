#ifndef ROSTER_CLIENTS_CLI_ERROR_SENTENCE_H_
#define ROSTER_CLIENTS_CLI_ERROR_SENTENCE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace roster::cli {

// A failure in sentences for people, one for each bad field: the field, what is wrong, the reason in brackets, and what
// to do about it where that is known. Printable; without "rosterctl:" before it.
std::vector<std::string> ErrorSentences(const absl::Status& status);

// The same on one line, for a row of an import.
std::string ErrorLine(const absl::Status& status);

// Name of the reason ("EMAIL_TAKEN") or, where there is none, of the code ("UNAVAILABLE").
std::string ReasonOf(const absl::Status& status);

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_ERROR_SENTENCE_H_
