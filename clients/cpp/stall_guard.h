#ifndef ROSTER_CLIENTS_CPP_STALL_GUARD_H_
#define ROSTER_CLIENTS_CPP_STALL_GUARD_H_

#include <condition_variable>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
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
  // Of the standard library, whose waits go by a clock that nobody sets (base/pause.h). Guards all below.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // By SteadyNow.
  absl::Time deadline_ = absl::InfiniteFuture();
  bool fired_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace roster::client

#endif  // ROSTER_CLIENTS_CPP_STALL_GUARD_H_
