#ifndef ROSTER_BASE_CLOCK_H_
#define ROSTER_BASE_CLOCK_H_

#include "absl/time/time.h"

namespace roster {

// Where a program gets the time of day from: injected, so that tests decide what time it is.
//
// Thread safety: implementations may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

// The machine's clock. Lives as long as the process.
const Clock& SystemClock();

}  // namespace roster

#endif  // ROSTER_BASE_CLOCK_H_
