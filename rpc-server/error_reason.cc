#include "rpc-server/error_reason.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace roster::rpc {

std::string ReasonName(v1::ErrorReason reason) {
  return std::string(absl::StripPrefix(v1::ErrorReason_Name(reason), "ERROR_REASON_"));
}

absl::Status ErrorWithReason(absl::StatusCode code, v1::ErrorReason reason, absl::string_view message,
                             ErrorDetails details) {
  details.reason = ReasonName(reason);
  return MakeError(code, message, details);
}

absl::Status InvalidFields(std::vector<FieldViolation> violations) {
  if (violations.empty()) return absl::OkStatus();
  const std::string message = absl::StrJoin(violations, "; ", [](std::string* out, const FieldViolation& violation) {
    absl::StrAppend(out, violation.field, " ", violation.description);
  });
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_FIELD, message,
                         {.field_violations = std::move(violations)});
}

absl::Status UnavailableError(v1::ErrorReason reason, absl::string_view message, absl::Duration retry_delay) {
  return ErrorWithReason(absl::StatusCode::kUnavailable, reason, message, {.retry_delay = retry_delay});
}

}  // namespace roster::rpc
