#ifndef ROSTER_EVENT_LOG_KAFKA_KEEP_WAITING_H_
#define ROSTER_EVENT_LOG_KAFKA_KEEP_WAITING_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

namespace roster::event_log::kafka {

// Asked a few times a second while something is waited for: false ends the wait with CANCELLED.
using KeepWaiting = absl::FunctionRef<bool()>;

// For callers with nothing to give up for.
inline bool WaitOn() { return true; }

// Lets `duration` pass before the next attempt; CANCELLED once `keep_waiting` returns false.
absl::Status Pause(absl::Duration duration, KeepWaiting keep_waiting);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_KEEP_WAITING_H_
