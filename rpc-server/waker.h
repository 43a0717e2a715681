#ifndef ROSTER_RPC_SERVER_WAKER_H_
#define ROSTER_RPC_SERVER_WAKER_H_

#include <functional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/alarm.h"
#include "grpcpp/grpcpp.h"
#include "rpc-server/async_call.h"

namespace roster::rpc {

// Wakes the thread that polls a completion queue.
//
// Thread safety: safe from any thread.
class Waker {
 public:
  // `on_wake` is called by the polling thread. `queue` must outlive it.
  Waker(grpc::ServerCompletionQueue& queue, std::function<void()> on_wake)
      : queue_(queue), on_wake_(std::move(on_wake)), tag_(*this) {}

  // Has `on_wake` called soon. Calls that come before it was are one.
  void Wake();

  // From now on Wake does nothing; returns once `on_wake` has been called for the last time. To be called before the
  // queue is shut down, since to begin anything on it afterwards ends the process, and not by the polling thread.
  void Close();

 private:
  struct Tag final : CompletionTag {
    explicit Tag(Waker& waker) : waker(waker) {}
    void Complete(bool ok) override;
    Waker& waker;
  };

  grpc::ServerCompletionQueue& queue_;
  const std::function<void()> on_wake_;
  Tag tag_;
  absl::Mutex mutex_;
  // An alarm is set: again only once its tag has come.
  bool pending_ ABSL_GUARDED_BY(mutex_) = false;
  // on_wake is being called.
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Alarm alarm_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_WAKER_H_
