#ifndef ROSTER_BASE_RUN_WHILE_WAITING_H_
#define ROSTER_BASE_RUN_WHILE_WAITING_H_

#include "absl/functional/function_ref.h"

namespace roster {

// Runs `call`, which may block, on a thread of its own and returns when it has; meanwhile runs `while_waiting` on this
// thread, every two milliseconds. What `call` wrote is there for this thread to read afterwards.
void RunWhileWaiting(absl::FunctionRef<void()> call, absl::FunctionRef<void()> while_waiting);

}  // namespace roster

#endif  // ROSTER_BASE_RUN_WHILE_WAITING_H_
