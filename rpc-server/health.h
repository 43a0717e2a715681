#ifndef ROSTER_RPC_SERVER_HEALTH_H_
#define ROSTER_RPC_SERVER_HEALTH_H_

#include <atomic>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/alarm.h"
#include "grpcpp/grpcpp.h"
#include "rpc-server/async_call.h"
#include "rpc-server/open_calls.h"

namespace roster::rpc {

// grpc.health.v1, from a completion queue and a thread of its own. The library's is a callback service: that brings
// threads that cannot be configured, sleep for 100 ms at a time when nothing has come for a second, and do not end
// watches.
//
// Thread safety: SetServing from any thread; the rest from one.
class Health {
 public:
  // Adds the service and its queue to `builder`. It knows `service_names` and "", the server as a whole.
  Health(const std::vector<std::string>& service_names, grpc::ServerBuilder& builder);
  // Stop must have been called, unless Start was not.
  ~Health();

  // To be called once the server runs.
  void Start();
  // What checks answer and watches are told; not serving before.
  void SetServing(bool serving);
  // Ends watches, after a last NOT_SERVING, so that the server can shut down.
  void EndWatches();
  // To be called once the server is shut down.
  void Stop();

 private:
  using CheckCall = UnaryCall<grpc::health::v1::HealthCheckRequest, grpc::health::v1::HealthCheckResponse>;
  using WatchCall = ServerStreamCall<grpc::health::v1::HealthCheckRequest, grpc::health::v1::HealthCheckResponse>;
  using Service = grpc::health::v1::Health::WithAsyncMethod_Check<
      grpc::health::v1::Health::WithAsyncMethod_Watch<grpc::health::v1::Health::Service>>;
  class Watch;
  struct WakeTag final : CompletionTag {
    explicit WakeTag(Health& health) : health(health) {}
    void Complete(bool) override { health.TellWatches(); }
    Health& health;
  };

  void Check(CheckCall& call);
  // Has the thread call TellWatches.
  void Wake();
  void TellWatches();
  grpc::health::v1::HealthCheckResponse::ServingStatus StatusOf(const std::string& service) const;

  std::set<std::string> names_;
  Service service_;
  OpenCalls open_calls_;
  CheckCall::Method check_;
  WatchCall::Method watch_;
  std::list<Watch*> watches_;
  std::atomic<bool> serving_ = false;
  std::atomic<bool> ending_ = false;

  WakeTag wake_tag_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  absl::Mutex mutex_;
  bool wake_pending_ ABSL_GUARDED_BY(mutex_) = false;
  // The queue may be used.
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Alarm alarm_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_HEALTH_H_
