#ifndef ROSTER_EVENT_LOG_KAFKA_DEADLINE_H_
#define ROSTER_EVENT_LOG_KAFKA_DEADLINE_H_

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"

namespace roster::event_log::kafka {

// A moment on the steady clock, which no change of the time of day moves.
class Deadline {
 public:
  explicit Deadline(absl::Duration after)
      : at_(std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(std::min(after, absl::Hours(24 * 365)))) {}

  absl::Duration Remaining() const {
    return std::max(absl::ZeroDuration(), absl::FromChrono(at_ - std::chrono::steady_clock::now()));
  }
  bool Passed() const { return Remaining() == absl::ZeroDuration(); }

 private:
  std::chrono::steady_clock::time_point at_;
};

// As librdkafka takes timeouts: rounded up, so that a wait of less than a millisecond is still a wait. At most an hour.
inline int ToTimeoutMs(absl::Duration duration) {
  duration = std::clamp(duration, absl::ZeroDuration(), absl::Hours(1));
  return static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(duration, absl::Milliseconds(1))));
}

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_DEADLINE_H_
