#include "base/steady_time.h"

#include <chrono>

#include "absl/time/clock.h"

namespace roster {

absl::Time SteadyNow() {
  return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

absl::Time TimeOfDay(absl::Time steady) { return absl::Now() + (steady - SteadyNow()); }

absl::Time SteadyTime(absl::Time time_of_day) { return SteadyNow() + (time_of_day - absl::Now()); }

}  // namespace roster
