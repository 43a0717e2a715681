#include "event-log/kafka/keep_waiting.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "event-log/kafka/deadline.h"

namespace roster::event_log::kafka {

absl::Status Pause(absl::Duration duration, KeepWaiting keep_waiting) {
  constexpr absl::Duration kAskEvery = absl::Milliseconds(100);
  for (const Deadline deadline(duration); !deadline.Passed();) {
    if (!keep_waiting()) return absl::CancelledError("kafka: gave up waiting");
    absl::SleepFor(std::min(kAskEvery, deadline.Remaining()));
  }
  return absl::OkStatus();
}

}  // namespace roster::event_log::kafka
