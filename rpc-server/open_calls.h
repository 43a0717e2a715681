#ifndef ROSTER_RPC_SERVER_OPEN_CALLS_H_
#define ROSTER_RPC_SERVER_OPEN_CALLS_H_

#include "absl/synchronization/mutex.h"

namespace roster::rpc {

// The calls of a completion queue that are open, those that wait for a caller included. A call may still start
// something on its queue after the server's Shutdown has returned, and on a queue that is shut down that ends the
// process. So:
//
//   server->Shutdown();        // ends the calls under way, and lets none in
//   open_calls.AwaitNone();    // while the queue is still polled
//   queue->Shutdown();
//
// Thread safety: safe from any thread.
class OpenCalls {
 public:
  // Held by each call.
  class Membership {
   public:
    explicit Membership(OpenCalls& calls) : calls_(calls) { calls_.Add(1); }
    ~Membership() { calls_.Add(-1); }
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;

   private:
    OpenCalls& calls_;
  };

  void AwaitNone() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(+[](int* open) { return *open == 0; }, &open_));
  }

 private:
  void Add(int change) {
    absl::MutexLock lock(&mutex_);
    open_ += change;
  }

  absl::Mutex mutex_;
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_OPEN_CALLS_H_
