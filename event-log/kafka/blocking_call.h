#ifndef ROSTER_EVENT_LOG_KAFKA_BLOCKING_CALL_H_
#define ROSTER_EVENT_LOG_KAFKA_BLOCKING_CALL_H_

#include "absl/functional/function_ref.h"

namespace roster::event_log::kafka {

// Runs `call` on a thread of its own and returns when it has; meanwhile runs `while_waiting` on this thread, every two
// milliseconds. What `call` wrote is there for this thread to read afterwards.
//
// It is how commit_transaction and abort_transaction are waited for. librdkafka would let them be called with a short
// timeout again and again, but (2.8) all steps of such a call share one place for a result. Where the timeout cuts the
// first step, which is then "not resumable", the result of that step comes late and is taken for that of the next one
// by the call that follows. That call then fails with _STATE although the commit goes on, or was never sent; and an
// answer of the coordinator that comes between two calls aborts the process.
void RunWhileWaiting(absl::FunctionRef<void()> call, absl::FunctionRef<void()> while_waiting);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_BLOCKING_CALL_H_
