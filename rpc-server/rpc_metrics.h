#ifndef ROSTER_RPC_SERVER_RPC_METRICS_H_
#define ROSTER_RPC_SERVER_RPC_METRICS_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"
#include "metrics/registry.h"

namespace roster::rpc {

// Counts the calls of one method. Each queue has one of its own for each method, so that threads do not share what they
// count in.
//
// Thread safety: safe from any thread; no locks.
class MethodMetrics {
 public:
  // `method`: "roster.v1.UserQueryService/GetUser". What it counts in lives as long as `registry`.
  MethodMetrics(metrics::Registry& registry, const std::string& method);

  void CallCame();
  void MessageSent();
  // How a call ended. `reason`: of its error (roster.v1.ErrorReason, without its prefix); empty where it has none.
  void CallEnded(grpc::StatusCode code, absl::string_view reason, absl::Duration took);

 private:
  // gRPC's codes are 0 to 16.
  static constexpr size_t kCodes = 17;

  metrics::Gauge& open_;
  metrics::Counter& messages_sent_;
  metrics::Histogram& duration_;
  std::array<metrics::Counter*, kCodes> ended_by_code_;
  // By number of the reason; the last one is for all that are none of roster.v1's.
  std::vector<metrics::Counter*> errors_by_reason_;
};

// The metrics of one server's calls.
//
// Thread safety: safe from any thread.
class RpcMetrics {
 public:
  // `registry` must outlive it.
  explicit RpcMetrics(metrics::Registry& registry);

  // A further counter of the method's calls, which lives as long as this object. See MethodMetrics.
  MethodMetrics& OfMethod(const std::string& method);
  // What health checks answer.
  void SetServing(bool serving) { serving_.Set(serving ? 1 : 0); }

 private:
  metrics::Registry& registry_;
  metrics::Gauge& serving_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<MethodMetrics>> methods_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_RPC_METRICS_H_
