#ifndef ROSTER_BASE_STEADY_TIME_H_
#define ROSTER_BASE_STEADY_TIME_H_

#include "absl/time/time.h"

namespace roster {

// The time on a clock that nobody sets, for how long something takes or waits. It counts from an arbitrary moment, so
// it means something only beside another SteadyNow(): not shown, not stored, not compared with a time of day.
absl::Time SteadyNow();

}  // namespace roster

#endif  // ROSTER_BASE_STEADY_TIME_H_
