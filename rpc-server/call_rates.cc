#include "rpc-server/call_rates.h"

#include <algorithm>

namespace roster::rpc {
namespace {

// Looking through all callers takes milliseconds.
constexpr absl::Duration kBetweenForgettings = absl::Seconds(1);

}  // namespace

CallRates::CallRates(int per_second, absl::Duration burst, size_t max_callers)
    : interval_(absl::Seconds(1) / per_second), burst_(std::max(burst, interval_)), max_callers_(max_callers) {}

absl::Duration CallRates::WaitOf(const std::string& caller, absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  return WaitLocked(caller, now);
}

void CallRates::Count(const std::string& caller, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  CountLocked(caller, now);
}

absl::Duration CallRates::CountIfAllowed(const std::string& caller, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const absl::Duration wait = WaitLocked(caller, now);
  if (wait == absl::ZeroDuration()) CountLocked(caller, now);
  return wait;
}

size_t CallRates::size() const {
  absl::MutexLock lock(&mutex_);
  return whole_at_.size();
}

absl::Time CallRates::WholeAt(const std::string& caller) const {
  const auto found = whole_at_.find(caller);
  if (found != whole_at_.end()) return found->second;
  return whole_at_.size() < max_callers_ ? absl::InfinitePast() : others_whole_at_;
}

absl::Duration CallRates::WaitLocked(const std::string& caller, absl::Time now) const {
  return std::max(WholeAt(caller) + interval_ - burst_ - now, absl::ZeroDuration());
}

void CallRates::CountLocked(const std::string& caller, absl::Time now) {
  if (whole_at_.size() >= max_callers_ && now >= next_forgetting_) ForgetQuietOnes(now);
  const auto found = whole_at_.find(caller);
  const bool has_room = found != whole_at_.end() || whole_at_.size() < max_callers_;
  absl::Time& whole_at =
      has_room ? whole_at_.try_emplace(caller, absl::InfinitePast()).first->second : others_whole_at_;
  whole_at = std::max(whole_at, now) + interval_;
}

void CallRates::ForgetQuietOnes(absl::Time now) {
  next_forgetting_ = now + kBetweenForgettings;
  absl::erase_if(whole_at_, [now](const auto& caller) { return caller.second <= now; });
}

}  // namespace roster::rpc
