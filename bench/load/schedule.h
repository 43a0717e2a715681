#ifndef ROSTER_BENCH_LOAD_SCHEDULE_H_
#define ROSTER_BENCH_LOAD_SCHEDULE_H_

#include <cstdint>

#include "absl/time/time.h"

namespace roster::bench {

// Times at which something is to be done, evenly spread, whatever becomes of what was done before: so a server that
// stands still for a while is charged with everybody who would have come meanwhile (no coordinated omission).
//
// Thread safety: none.
class Schedule {
 public:
  // Begins now.
  Schedule(double per_second, absl::Duration duration);

  // Waits for the next time, to about 60 us, and returns it; one that has passed at once. False at the end.
  bool Next(absl::Time& scheduled);

 private:
  const double per_second_;
  const int64_t count_;
  const absl::Time begin_;
  int64_t done_ = 0;
};

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_SCHEDULE_H_
