#include "command-service/refusals.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "rpc-server/error_reason.h"

namespace roster::command {
namespace {

constexpr absl::Duration kShortRetry = absl::Milliseconds(100);
constexpr absl::Duration kLongRetry = absl::Seconds(1);

}  // namespace

// "This call recorded nothing": where it repeats one whose outcome was unknown, that one may be on the log all the
// same.

absl::Status ShuttingDown() {
  return rpc::UnavailableError(v1::ERROR_REASON_SHUTTING_DOWN,
                               "the command service is stopping; this call recorded nothing", kLongRetry);
}

absl::Status NotReady() {
  return rpc::UnavailableError(
      v1::ERROR_REASON_NOT_READY,
      "the command service has not caught up with the log since its start; this call recorded nothing", kLongRetry);
}

absl::Status NotLeader(const std::string& leader) {
  ErrorDetails details{.retry_delay = kShortRetry};
  if (!leader.empty()) details.metadata["leader"] = leader;
  return rpc::ErrorWithReason(
      absl::StatusCode::kUnavailable, v1::ERROR_REASON_NOT_LEADER,
      absl::StrCat("this command service stands by; ",
                   leader.empty() ? "which one leads is not known yet" : absl::StrCat("the one at ", leader, " leads"),
                   "; this call recorded nothing"),
      std::move(details));
}

absl::Status LogUnavailable() {
  return rpc::UnavailableError(v1::ERROR_REASON_LOG_UNAVAILABLE,
                               "the log or the write model cannot be written just now; this call recorded nothing",
                               kLongRetry);
}

absl::Status OutcomeUnknown() {
  return rpc::UnavailableError(
      v1::ERROR_REASON_OUTCOME_UNKNOWN,
      "the log did not say whether the command was recorded: repeat it with the same request_id", kLongRetry);
}

absl::Status Overloaded() {
  return rpc::ErrorWithReason(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_OVERLOADED,
                              "too many commands are waiting; this call recorded nothing",
                              {.retry_delay = kShortRetry});
}

absl::Status DeadlinePassed() {
  return rpc::ErrorWithReason(absl::StatusCode::kDeadlineExceeded, v1::ERROR_REASON_OVERLOADED,
                              "the deadline passed while the command waited; this call recorded nothing");
}

}  // namespace roster::command
