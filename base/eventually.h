#ifndef ROSTER_BASE_EVENTUALLY_H_
#define ROSTER_BASE_EVENTUALLY_H_

#include <chrono>
#include <thread>

#include "absl/time/time.h"

namespace roster {

// For tests: waits until `condition` holds, calling `pause` between two looks; false at the deadline.
template <typename Condition>
bool Eventually(Condition condition, absl::Duration timeout = absl::Seconds(30),
                void (*pause)() = std::this_thread::yield) {
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    pause();
  }
  return true;
}

}  // namespace roster

#endif  // ROSTER_BASE_EVENTUALLY_H_
