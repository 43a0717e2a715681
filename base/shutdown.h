#ifndef ROSTER_BASE_SHUTDOWN_H_
#define ROSTER_BASE_SHUTDOWN_H_

#include "absl/functional/function_ref.h"

namespace roster {

// SIGTERM and SIGINT as an event to wait for, and SIGHUP as one on the way. To be made first thing in main, before any
// thread: it blocks the signals in the calling thread, from which all later ones inherit it. SIGPIPE is ignored.
//
// Thread safety: Wait from one thread.
class ShutdownSignal {
 public:
  ShutdownSignal();

  // Returns once the process has been asked to stop. Calls `on_hangup` for each SIGHUP that comes before.
  void Wait(absl::FunctionRef<void()> on_hangup);
  // The same, where a SIGHUP asks to stop, too.
  void Wait();
};

// Undoes, in a child between fork and exec, what ShutdownSignal does to the signal mask.
void UnblockShutdownSignals();

}  // namespace roster

#endif  // ROSTER_BASE_SHUTDOWN_H_
