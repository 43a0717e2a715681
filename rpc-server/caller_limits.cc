#include "rpc-server/caller_limits.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/steady_time.h"
#include "rpc-server/error_reason.h"

namespace roster::rpc {
namespace {

constexpr absl::Duration kBurst = absl::Seconds(1);
constexpr absl::Duration kRetryWhenCallsEnd = absl::Seconds(1);

absl::Status OverLimit(absl::string_view limit, int value, absl::string_view what, absl::Duration retry_delay) {
  ErrorDetails details{.retry_delay = retry_delay};
  details.metadata["limit"] = std::string(limit);
  details.metadata["value"] = absl::StrCat(value);
  return ErrorWithReason(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_CALLER_OVER_LIMIT,
                         absl::StrCat("one caller may ", what, " on this server (--max-caller-", limit,
                                      "): call less often, or keep fewer calls open"),
                         std::move(details));
}

}  // namespace

void DeclareCallerLimits(CLI::App& app, CallerLimitOptions& options) {
  app.add_option("--max-caller-calls-per-second", options.calls_per_second,
                 "Calls that one caller may begin in a second; 0: any number. A caller is a token's `sub`, a client "
                 "certificate's name or else an address")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--max-caller-open-calls", options.open_calls,
                 "Calls that one caller may have open, streams above all; 0: any number")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
}

CallerLimits::CallerLimits(const CallerLimitOptions& options) : options_(options) {
  if (options.calls_per_second > 0) rates_.emplace(options.calls_per_second, kBurst);
}

absl::StatusOr<CallerLimits::OpenCall> CallerLimits::Admit(const std::string& caller) {
  if (rates_) {
    const absl::Duration wait = rates_->CountIfAllowed(caller, SteadyNow());
    if (wait > absl::ZeroDuration()) {
      return OverLimit("calls-per-second", options_.calls_per_second,
                       absl::StrCat("begin ", options_.calls_per_second, " calls a second"), wait);
    }
  }
  if (options_.open_calls == 0) return OpenCall();
  absl::MutexLock lock(&mutex_);
  int& open = open_[caller];
  if (open >= options_.open_calls) {
    return OverLimit("open-calls", options_.open_calls, absl::StrCat("have ", options_.open_calls, " calls open"),
                     kRetryWhenCallsEnd);
  }
  ++open;
  return OpenCall(*this, caller);
}

void CallerLimits::End(const std::string& caller) {
  absl::MutexLock lock(&mutex_);
  const auto found = open_.find(caller);
  if (--found->second == 0) open_.erase(found);
}

}  // namespace roster::rpc
