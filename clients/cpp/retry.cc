#include "clients/cpp/retry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/error.h"

namespace roster::client {
namespace {

constexpr absl::Duration kShortestAttempt = absl::Seconds(1);
constexpr absl::Duration kLongestAttempt = absl::Seconds(5);

std::string Reason(const absl::Status& status) {
  const auto details = GetErrorDetails(status);
  return details ? details->reason : "";
}

// Whether another address may do better than the one that failed so.
bool IsAboutAddress(const absl::Status& failure) {
  const std::string reason = Reason(failure);
  return reason.empty() || reason == "NOT_LEADER" || reason == "NOT_READY" || reason == "SHUTTING_DOWN";
}

}  // namespace

bool IsRetryable(const absl::Status& status) {
  const std::string reason = Reason(status);
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      // Only an operator can end that one.
      return reason != "HELD_BY_DEAD_LETTER";
    case absl::StatusCode::kResourceExhausted:
      return reason == "OVERLOADED" || reason == "CALLER_OVER_LIMIT";
    case absl::StatusCode::kDeadlineExceeded:
      return true;
    case absl::StatusCode::kCancelled:
      // Not by a handler, nor by the caller, who waits: a server that ended with the call under way.
      return reason.empty();
    default:
      return false;
  }
}

Retrier::Retrier(Endpoints& endpoints, const CallOptions& options)
    : endpoints_(endpoints),
      options_(options),
      deadline_(options.clock->Now() + options.timeout),
      backoff_(options.first_delay, options.max_delay),
      endpoint_(endpoints.Current()),
      tried_({endpoint_.address}) {}

absl::Time Retrier::AttemptDeadline() const {
  if (endpoints_.addresses().size() == 1) return deadline_;
  const absl::Time now = options_.clock->Now();
  const absl::Duration share = std::clamp((deadline_ - now) / 2, kShortestAttempt, kLongestAttempt);
  return std::min(deadline_, now + share);
}

absl::Status Retrier::AfterFailure(const absl::Status& failure) {
  if (!IsRetryable(failure)) return Final(failure);
  const bool untried = ChooseAddress(failure);
  if (!untried) {
    const auto details = GetErrorDetails(failure);
    absl::Duration delay = backoff_.Next();
    if (details && details->retry_delay) delay = std::max(delay, *details->retry_delay);
    if (options_.clock->Now() + delay >= deadline_) return Final(failure);
    if (options_.on_retry) options_.on_retry(failure, endpoint_.address);
    Wait(delay);
    tried_ = {endpoint_.address};
  }
  return options_.clock->Now() < deadline_ ? absl::OkStatus() : Final(failure);
}

// gRPC gets on with a connection while somebody waits for one: without, a server that is there again was noticed only
// every 5 s.
void Retrier::Wait(absl::Duration delay) const {
  if (options_.wait) return options_.wait(delay);
  if (endpoint_.channel->GetState(/*try_to_connect=*/true) == GRPC_CHANNEL_READY) {
    absl::SleepFor(delay);
  } else {
    endpoint_.channel->WaitForConnected(absl::ToChronoTime(absl::Now() + delay));
  }
}

void Retrier::Progress() {
  deadline_ = options_.clock->Now() + options_.timeout;
  backoff_.Reset();
  tried_ = {endpoint_.address};
}

// Returns whether the address chosen was not tried since the last wait.
bool Retrier::ChooseAddress(const absl::Status& failure) {
  if (!IsAboutAddress(failure)) return false;
  std::string leader;
  if (const auto details = GetErrorDetails(failure); details && details->reason == "NOT_LEADER") {
    const auto found = details->metadata.find("leader");
    if (found != details->metadata.end()) leader = found->second;
  }
  if (leader.empty() || leader == endpoint_.address) {
    endpoints_.MoveOn(endpoint_.address);
  } else {
    endpoints_.Follow(leader);
  }
  endpoint_ = endpoints_.Current();
  return tried_.insert(endpoint_.address).second;
}

// What a person needs to know of a failure below Roster's handlers is which addresses were tried.
absl::Status Retrier::Final(const absl::Status& failure) const {
  const bool unreachable =
      absl::IsUnavailable(failure) || absl::IsDeadlineExceeded(failure) || absl::IsCancelled(failure);
  if (!unreachable || !Reason(failure).empty()) return failure;
  ErrorDetails details;
  details.reason = kUnreachable;
  details.metadata = {{"service", endpoints_.service()}, {"addresses", absl::StrJoin(endpoints_.addresses(), ", ")}};
  return MakeError(failure.code(), failure.message(), details);
}

}  // namespace roster::client
