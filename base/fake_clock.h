#ifndef ROSTER_BASE_FAKE_CLOCK_H_
#define ROSTER_BASE_FAKE_CLOCK_H_

#include <atomic>

#include "base/clock.h"

namespace roster {

// A clock for tests: stands still until it is moved.
//
// Thread safety: safe from any thread.
class FakeClock : public Clock {
 public:
  explicit FakeClock(absl::Time start = absl::FromUnixSeconds(1'700'000'000)) : micros_(absl::ToUnixMicros(start)) {}

  absl::Time Now() const override { return absl::FromUnixMicros(micros_.load()); }
  void Advance(absl::Duration by) { micros_ += absl::ToInt64Microseconds(by); }
  void Set(absl::Time now) { micros_ = absl::ToUnixMicros(now); }

 private:
  std::atomic<int64_t> micros_;
};

}  // namespace roster

#endif  // ROSTER_BASE_FAKE_CLOCK_H_
