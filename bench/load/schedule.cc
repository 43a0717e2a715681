#include "bench/load/schedule.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace roster::bench {

Schedule::Schedule(double per_second, absl::Duration duration)
    : per_second_(per_second),
      count_(std::max<int64_t>(1, static_cast<int64_t>(per_second * absl::ToDoubleSeconds(duration)))),
      begin_(absl::Now()) {}

bool Schedule::Next(absl::Time& scheduled) {
  if (done_ == count_) return false;
  scheduled = begin_ + absl::Seconds(static_cast<double>(done_) / per_second_);
  ++done_;
  const absl::Duration early = scheduled - absl::Now();
  if (early > absl::ZeroDuration()) absl::SleepFor(early);
  return true;
}

}  // namespace roster::bench
