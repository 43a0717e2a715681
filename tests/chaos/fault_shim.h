#ifndef ROSTER_TESTS_CHAOS_FAULT_SHIM_H_
#define ROSTER_TESTS_CHAOS_FAULT_SHIM_H_

#include <atomic>
#include <cstdint>

namespace roster::test::chaos {

// What a program that runs with the fault shim (fault_shim.cc, by LD_PRELOAD) is made to see. It stands in a file that
// the program maps, named by ROSTER_FAULT_SHIM in its environment; whoever writes the file changes the program's world
// at once. All zero: nothing is wrong.
struct ShimControl {
  // Added to the time of day. What runs by the clock that never jumps goes on.
  std::atomic<int64_t> clock_offset_us;
  // errno that writing to, and syncing, files below `path` fails with; for EIO reading too. 0: none.
  std::atomic<int32_t> disk_error;
  // Beginning of the paths concerned. To be written while disk_error is 0.
  char path[512];
};

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_FAULT_SHIM_H_
