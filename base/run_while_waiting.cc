#include "base/run_while_waiting.h"

#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace roster {

void RunWhileWaiting(absl::FunctionRef<void()> call, absl::FunctionRef<void()> while_waiting) {
  constexpr absl::Duration kSlice = absl::Milliseconds(2);
  absl::Notification done;
  std::thread thread([&] {
    call();
    done.Notify();
  });
  while (!done.WaitForNotificationWithTimeout(kSlice)) while_waiting();
  thread.join();
}

}  // namespace roster
