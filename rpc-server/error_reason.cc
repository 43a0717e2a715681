#include "rpc-server/error_reason.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace roster::rpc {
namespace {

// A client refuses trailers beyond 8 KiB and reports RESOURCE_EXHAUSTED in their place. The text goes out three times:
// as the message, and with the message again in the details.
constexpr size_t kMaxViolationBytes = 1500;

std::vector<FieldViolation> Shorten(std::vector<FieldViolation> violations) {
  std::vector<FieldViolation> kept;
  size_t bytes = 0;
  size_t left_out = 0;
  for (FieldViolation& violation : violations) {
    if (std::find(kept.begin(), kept.end(), violation) != kept.end()) continue;
    bytes += violation.field.size() + violation.description.size();
    if (bytes > kMaxViolationBytes && !kept.empty()) {
      ++left_out;
    } else {
      kept.push_back(std::move(violation));
    }
  }
  if (left_out > 0) {
    kept.push_back({kept.back().field, absl::StrCat("is not all that is wrong: ", left_out, " more are left out")});
  }
  return kept;
}

}  // namespace

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
  violations = Shorten(std::move(violations));
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
