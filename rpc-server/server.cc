#include "rpc-server/server.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/host_port.h"
#include "base/log.h"
#include "grpcpp/health_check_service_interface.h"
#include "rpc-server/grpc_log.h"
#include "rpc-server/health.h"
#include "rpc-server/listener.h"
#include "rpc-server/reflection.h"
#include "rpc-server/role.h"
#include "rpc-server/steady_deadline.h"

namespace roster::rpc {
namespace {

// Who listens where others than this machine's programs can call must know who calls, and be the only one to hear it.
absl::Status CheckExposure(const ServerOptions& options, const std::string& host) {
  const SecurityOptions& security = options.security;
  if (IsLoopback(host) || (security.HasTls() && security.HasAuthentication())) return absl::OkStatus();
  const absl::string_view missing = security.HasTls()              ? "callers are not authenticated"
                                    : security.HasAuthentication() ? "there is no TLS"
                                                                   : "there is no TLS, nor are callers authenticated";
  if (options.insecure) {
    Log(LogLevel::kWarning, "listening beyond loopback, as --insecure allows",
        {{"address", options.listen}, {"what is missing", missing}});
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat("--listen: ", options.listen, " is not a loopback address, and ",
                                                    missing,
                                                    ": give --tls-cert and --tls-key, and --tls-client-ca, --auth-jwks "
                                                    "or --auth-secret-file; or listen on 127.0.0.1; "
                                                    "or give --insecure if only trusted machines can reach it"));
}

void SetLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_receive_bytes);
  builder.SetMaxSendMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16 << 10);
  builder.SetResourceQuota(grpc::ResourceQuota("server").Resize(static_cast<size_t>(options.max_buffered_mib) << 20));
  // A client that connects and says nothing is let go, after ten seconds in place of two minutes.
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  // So is one that has no call open for long; a well-behaved client connects again unnoticed.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, 600'000);
  // Finds callers that vanished without a word within a minute, instead of gRPC's two hours; allows clients to ask
  // every five seconds.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
}

}  // namespace

void DeclareServerOptions(CLI::App& app, ServerOptions& options) {
  app.add_option("--listen", options.listen, "HOST:PORT to serve on; port 0 takes a free one")->capture_default_str();
  app.add_flag(
      "--insecure", options.insecure,
      "Allow an address other than loopback without both TLS and authentication; set it only on a trusted network");
  app.add_option("--max-receive-bytes", options.max_receive_bytes,
                 "Largest message to accept; raise it for larger import batches")
      ->capture_default_str()
      ->check(CLI::Range(1 << 10, 64 << 20));
  app.add_option("--max-concurrent-streams", options.max_concurrent_streams,
                 "Open calls on one connection; raise it for proxies that put many callers on one")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--max-connections", options.connections.in_all,
                 "Open connections; further ones are closed at once. 0: as many as the system's limit of open files "
                 "allows")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--max-connections-per-address", options.connections.per_address,
                 "The same from one IPv4 address or IPv6 /64; 0: any number")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  app.add_option("--max-buffered-mib", options.max_buffered_mib,
                 "MiB that all connections may hold for messages on their way; beyond it calls are ended")
      ->capture_default_str()
      ->check(CLI::Range(16, 1'000'000));
  DeclareCallerLimits(app, options.caller);
  app.add_option("--drain-timeout-ms", options.drain_timeout_ms,
                 "How long calls under way may take to end after SIGTERM; keep it below the supervisor's kill time")
      ->capture_default_str()
      ->check(CLI::Range(0, 600'000));
  DeclareSecurityOptions(app, options.security);
}

struct Server::Parts {
  explicit Parts(metrics::Registry* registry) : rpc_metrics(registry != nullptr ? *registry : unseen) {}

  MethodGuard GuardOf(absl::string_view method) const {
    return access == nullptr ? OpenGuard() : MethodGuard(*access, RequiredRole(method), limits.get());
  }
  MethodGuard OpenGuard() const { return MethodGuard::Open(limits.get()); }

  ServerOptions options;
  // What is counted where nobody wants to see it.
  metrics::Registry unseen;
  RpcMetrics rpc_metrics;
  std::vector<std::string> service_names;
  // Null where callers are not authenticated.
  std::unique_ptr<Access> access;
  // Null where there are none.
  std::unique_ptr<CallerLimits> limits;
  std::unique_ptr<Reflection> reflection;
  std::unique_ptr<Health> health;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
  // Hands connections to the acceptor.
  std::unique_ptr<Listener> listener;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<NamedService>& services, AddQueues add_queues,
                                                      metrics::Registry* registry) {
  const std::optional<HostPort> address = ParseHostPort(options.listen);
  if (!address) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen: '", options.listen, "' is not HOST:PORT, 127.0.0.1:50051 for instance"));
  }
  const SecurityOptions& security = options.security;
  ROSTER_RETURN_IF_ERROR(CheckSecurityOptions(security));
  ROSTER_RETURN_IF_ERROR(CheckExposure(options, address->host));
  LogWhatGrpcSays();
  // In its place: health.h.
  grpc::EnableDefaultHealthCheckService(false);
  auto parts = std::make_unique<Parts>(registry);
  parts->options = options;
  if (security.HasAuthentication()) {
    ROSTER_ASSIGN_OR_RETURN(parts->access, Access::Create(security.access(), *security.clock));
  }
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  if (security.HasTls()) {
    ROSTER_ASSIGN_OR_RETURN(credentials, MakeTlsCredentials(security.tls()));
  }
  if (options.caller.calls_per_second > 0 || options.caller.open_calls > 0) {
    parts->limits = std::make_unique<CallerLimits>(options.caller);
  }
  absl::StatusOr<std::unique_ptr<Listener>> listener = Listener::Bind(*address, options.connections);
  if (!listener.ok()) {
    return absl::Status(listener.status().code(),
                        absl::StrCat("--listen: ", options.listen, ": ", listener.status().message()));
  }
  parts->listener = *std::move(listener);
  grpc::ServerBuilder builder;
  SetLimits(options, builder);
  parts->acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
  for (const NamedService& service : services) {
    builder.RegisterService(service.service);
    parts->service_names.push_back(service.name);
  }
  parts->reflection = std::make_unique<Reflection>(
      parts->service_names, parts->GuardOf("grpc.reflection.v1.ServerReflection/ServerReflectionInfo"),
      parts->rpc_metrics);
  for (grpc::Service* service : parts->reflection->services()) builder.RegisterService(service);
  parts->health = std::make_unique<Health>(
      parts->service_names,
      security.auth_health == "open" ? parts->OpenGuard() : parts->GuardOf("grpc.health.v1.Health/Check"), builder,
      add_queues(builder), parts->rpc_metrics);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr) return absl::InternalError("gRPC did not start; its log lines say why");
  parts->health->Start();
  parts->listener->Start([acceptor = parts->acceptor.get()](int fd) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.fd = fd;
    acceptor->HandleNewConnection(&connection);
  });
  auto server = std::unique_ptr<Server>(new Server(std::move(parts)));
  server->address_ = absl::StrCat(address->host, ":", server->parts_->listener->port());
  return server;
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() {
  if (parts_ == nullptr || parts_->server == nullptr) return;
  parts_->listener->Stop();
  parts_->server->Shutdown(SteadyDeadline(absl::InfinitePast()));
  parts_->health->Stop();
}

MethodGuard Server::GuardOf(absl::string_view method) const { return parts_->GuardOf(method); }

MethodMetrics* Server::MetricsOf(absl::string_view method) const {
  return &parts_->rpc_metrics.OfMethod(std::string(method));
}

MethodTracer Server::TracerOf(absl::string_view method) const { return MethodTracer(parts_->options.tracer, method); }

void Server::SetServing(bool serving) {
  parts_->rpc_metrics.SetServing(serving);
  parts_->health->SetServing(serving);
}

void Server::Shutdown() {
  SetServing(false);
  parts_->health->EndWatches();
  parts_->listener->Stop();
  parts_->server->Shutdown(SteadyDeadline(SteadyNow() + absl::Milliseconds(parts_->options.drain_timeout_ms)));
  parts_->health->Stop();
}

std::shared_ptr<grpc::Channel> Server::InProcessChannel() { return parts_->server->InProcessChannel({}); }

}  // namespace roster::rpc
