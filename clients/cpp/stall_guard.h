#ifndef ROSTER_CLIENTS_CPP_STALL_GUARD_H_
#define ROSTER_CLIENTS_CPP_STALL_GUARD_H_

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/client_context.h"

namespace roster::client {

// Cancels a stream that makes no progress: a deadline of gRPC's covers a whole stream, which may rightly last for
// hours, and keepalive finds dead machines but no server that hangs.
//
// Thread safety: safe from any thread.
class StallGuard {
 public:
  // `context` is the stream's and must outlive the guard.
  explicit StallGuard(grpc::ClientContext& context);
  ~StallGuard();
  StallGuard(const StallGuard&) = delete;
  StallGuard& operator=(const StallGuard&) = delete;

  // Cancels the stream unless Arm or Disarm is called again within `timeout`.
  void Arm(absl::Duration timeout);
  void Disarm();

  // `status`, how the stream ended, or DEADLINE_EXCEEDED where it was the guard that ended it.
  absl::Status Explain(const absl::Status& status) const;

 private:
  void Run();

  grpc::ClientContext& context_;
  mutable absl::Mutex mutex_;
  // By SteadyNow.
  absl::Time deadline_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  bool fired_ ABSL_GUARDED_BY(mutex_) = false;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  absl::CondVar changed_;
  std::thread thread_;
};

}  // namespace roster::client

#endif  // ROSTER_CLIENTS_CPP_STALL_GUARD_H_
