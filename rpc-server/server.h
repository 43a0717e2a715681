#ifndef ROSTER_RPC_SERVER_SERVER_H_
#define ROSTER_RPC_SERVER_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "metrics/registry.h"
#include "rpc-server/call_trace.h"
#include "rpc-server/caller_limits.h"
#include "rpc-server/connection_count.h"
#include "rpc-server/method_guard.h"
#include "rpc-server/rpc_metrics.h"
#include "rpc-server/security_options.h"
#include "tracing/tracer.h"

namespace roster::rpc {

// Settings that every server here shares.
struct ServerOptions {
  // HOST:PORT; port 0 takes a free one.
  std::string listen;
  // TLS, and who may call.
  SecurityOptions security;
  // Allows an address other than loopback without both TLS and authentication.
  bool insecure = false;
  // See Listener. Also bounded by the descriptors that the process may have.
  ConnectionLimits connections;
  // What connections may hold in buffers of messages that have not come in whole or gone out; beyond it gRPC ends
  // calls.
  int max_buffered_mib = 256;
  // For each caller.
  CallerLimitOptions caller;
  // A larger message is refused with RESOURCE_EXHAUSTED before any handler sees it.
  int max_receive_bytes = 4 << 20;
  // Open calls on one connection; further ones wait on the client's side.
  int max_concurrent_streams = 1000;
  // How long calls under way may take to end once the server is asked to stop.
  int drain_timeout_ms = 10'000;
  // No flag: who keeps the traces of calls, where anybody does. Must outlive the server.
  tracing::Tracer* tracer = nullptr;
};

// A service to serve, under its full name: UserQueryService::service_full_name().
struct NamedService {
  std::string name;
  grpc::Service* service;
};

// Declares --listen, --insecure, --max-receive-bytes, --max-concurrent-streams, --drain-timeout-ms and the flags of
// SecurityOptions, which write into `options`; what it holds before is the default.
void DeclareServerOptions(CLI::App& app, ServerOptions& options);

// A gRPC server as all of Roster's run: one address that nobody else may share, TLS, who may call what, limits,
// keepalive, health (grpc.health.v1, NOT_SERVING until said otherwise) and reflection (grpc.reflection.v1 and v1alpha).
//
// Thread safety: SetServing from any thread; the rest from one.
class Server {
 public:
  // Adds the server's completion queues, and returns the one on which health checks are answered too.
  using AddQueues = absl::FunctionRef<grpc::ServerCompletionQueue&(grpc::ServerBuilder&)>;

  // Starts serving `services`, which must outlive the server. INVALID_ARGUMENT or FAILED_PRECONDITION name the option
  // that is wrong; ALREADY_EXISTS: the address is taken. `registry`: where calls are counted; must outlive the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<NamedService>& services, AddQueues add_queues,
                                                       metrics::Registry* registry = nullptr);
  // Shuts down at once if Shutdown was not called.
  ~Server();

  // HOST:PORT with the port that was taken.
  const std::string& address() const { return address_; }

  // Who may call `method`, "roster.v1.UserQueryService/GetUser" for instance: everybody where callers are not
  // authenticated. Whatever lets calls of the method in must ask it. Must not outlive the server.
  MethodGuard GuardOf(absl::string_view method) const;

  // Counts the calls of `method`, as GuardOf names it. Each call gives a further one, which lives as long as the
  // server: one for each queue.
  MethodMetrics* MetricsOf(absl::string_view method) const;

  // Traces the calls of `method`, as GuardOf names it. Must not outlive the server.
  MethodTracer TracerOf(absl::string_view method) const;

  // What health checks answer, for the server as a whole and for each service.
  void SetServing(bool serving);

  // Lets no further call in, waits until those under way have ended, at most for the drain timeout, and then cancels
  // what is left. The completion queues must be polled until it has returned, and shut down afterwards.
  void Shutdown();

  // Calls from within the process.
  std::shared_ptr<grpc::Channel> InProcessChannel();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
  std::string address_;
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_SERVER_H_
