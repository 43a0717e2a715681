#ifndef ROSTER_RPC_SERVER_ERROR_REASON_H_
#define ROSTER_RPC_SERVER_ERROR_REASON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/error.h"
#include "roster/v1/error_reason.pb.h"

namespace roster::rpc {

// Domain of every google.rpc.ErrorInfo that Roster sends.
inline constexpr char kErrorDomain[] = "roster.v1";

// "EMAIL_TAKEN" for ERROR_REASON_EMAIL_TAKEN: what ErrorDetails.reason and ErrorInfo.reason hold.
std::string ReasonName(v1::ErrorReason reason);

// An error with this reason. `details.reason` is set from `reason`; the rest of `details` is kept.
absl::Status ErrorWithReason(absl::StatusCode code, v1::ErrorReason reason, absl::string_view message,
                             ErrorDetails details = {});

// INVALID_ARGUMENT/INVALID_FIELD that lists all of `violations`, each once, or where that would be too much for a
// call's trailers, the first and the number of the others. OK where there are none.
absl::Status InvalidFields(std::vector<FieldViolation> violations);

// UNAVAILABLE with `reason`, and a RetryInfo.
absl::Status UnavailableError(v1::ErrorReason reason, absl::string_view message, absl::Duration retry_delay);

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_ERROR_REASON_H_
