#ifndef ROSTER_BASE_ERROR_H_
#define ROSTER_BASE_ERROR_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace roster {

// One bad field of a request.
struct FieldViolation {
  // Path of the field, "user.email" for instance.
  std::string field;
  // What is wrong, the limit, and what to do.
  std::string description;

  friend bool operator==(const FieldViolation&, const FieldViolation&) = default;
};

// What an error says to programs, beside its code and its message. Travels inside an absl::Status, and at the server's
// edge becomes google.rpc.ErrorInfo, BadRequest and RetryInfo (rpc-server/rpc_status.h).
struct ErrorDetails {
  // Name of a value of roster.v1.ErrorReason without its prefix: "EMAIL_TAKEN".
  std::string reason;
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> field_violations;
  // Set where the same call may succeed later.
  std::optional<absl::Duration> retry_delay;

  friend bool operator==(const ErrorDetails&, const ErrorDetails&) = default;
};

// An error with details. `message` is for people: what was wrong and what to do.
absl::Status MakeError(absl::StatusCode code, absl::string_view message, const ErrorDetails& details);

// The details of an error made by MakeError.
std::optional<ErrorDetails> GetErrorDetails(const absl::Status& status);

}  // namespace roster

// Returns from the enclosing function where `expression`, an absl::Status, is not OK.
#define ROSTER_RETURN_IF_ERROR(expression)                                  \
  do {                                                                      \
    if (absl::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)

#define ROSTER_CONCAT_INNER_(a, b) a##b
#define ROSTER_CONCAT_(a, b) ROSTER_CONCAT_INNER_(a, b)

// Declares or assigns `target` from `expression`, an absl::StatusOr, or returns its status.
#define ROSTER_ASSIGN_OR_RETURN(target, expression) \
  ROSTER_ASSIGN_OR_RETURN_(ROSTER_CONCAT_(status_or_, __LINE__), target, expression)
#define ROSTER_ASSIGN_OR_RETURN_(result, target, expression) \
  auto result = (expression);                                \
  if (!result.ok()) return std::move(result).status();       \
  target = std::move(result).value()

#endif  // ROSTER_BASE_ERROR_H_
