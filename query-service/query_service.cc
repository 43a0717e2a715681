#include "query-service/query_service.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/log.h"
#include "base/version.h"
#include "metrics/process_metrics.h"
#include "query-service/batch_get_users.h"
#include "query-service/get_read_model_status.h"
#include "query-service/get_user.h"
#include "query-service/list_users.h"
#include "query-service/query_metrics.h"
#include "query-service/raw_call.h"
#include "query-service/readiness.h"
#include "query-service/unary_read.h"
#include "query-service/watch_users.h"
#include "query-service/worker.h"

namespace roster::query_service {
namespace {

// Calls of each method that each worker lets come in ahead of serving them.
constexpr int kAcceptedAhead = 8;

int WorkerCount(const QueryServiceOptions& options) {
  if (options.workers > 0) return options.workers;
  return std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
}

// A worker with its thread, and how calls come to it.
class ServingWorker {
 public:
  ServingWorker(AsyncService& service, ServiceState& state, WakeUp& wake_up, const rpc::Server& server,
                std::unique_ptr<grpc::ServerCompletionQueue> queue)
      : worker_(state, wake_up, std::move(queue)) {
    get_user_ = Unary(&AsyncService::RequestGetUser, service, UnaryRead<GetUserRpc>::Handle);
    batch_get_users_ = Unary(&AsyncService::RequestBatchGetUsers, service, UnaryRead<BatchGetUsersRpc>::Handle);
    status_ = Unary(&AsyncService::RequestGetReadModelStatus, service, HandleGetReadModelStatus);
    list_users_ = Stream(&AsyncService::RequestListUsers, service, MakeListUsersHandler);
    watch_users_ = Stream(&AsyncService::RequestWatchUsers, service, MakeWatchUsersHandler);
    const auto watch_over = [&server](absl::string_view name, auto& method) {
      const std::string full_name = absl::StrCat(v1::UserQueryService::service_full_name(), "/", name);
      method.guard = server.GuardOf(full_name);
      method.metrics = server.MetricsOf(full_name);
      method.tracer = server.TracerOf(full_name);
    };
    watch_over("GetUser", get_user_);
    watch_over("BatchGetUsers", batch_get_users_);
    watch_over("GetReadModelStatus", status_);
    watch_over("ListUsers", list_users_);
    watch_over("WatchUsers", watch_users_);
  }

  void Start() {
    for (int i = 0; i < kAcceptedAhead; ++i) {
      for (const auto* method : {&get_user_, &batch_get_users_, &status_}) RawUnaryCall::Accept(*method);
      for (const auto* method : {&list_users_, &watch_users_}) RawStreamCall::Accept(*method);
    }
    thread_ = std::thread([this] { worker_.Run(); });
  }

  Worker& worker() { return worker_; }

  void Join() {
    open_calls_.AwaitNone();
    worker_.queue()->Shutdown();
    thread_.join();
  }

 private:
  template <typename RequestCall, typename Handle>
  RawUnaryCall::Method Unary(RequestCall request_call, AsyncService& service, Handle handle) {
    return {.request =
                [this, request_call, &service](auto* context, auto* request, auto* responder, void* tag) {
                  (service.*request_call)(context, request, responder, worker_.queue(), worker_.queue(), tag);
                },
            .handle = [this, handle](RawUnaryCall& call) { handle(worker_, call); },
            .open_calls = &open_calls_};
  }
  template <typename RequestCall, typename Handle>
  RawStreamCall::Method Stream(RequestCall request_call, AsyncService& service, Handle handle) {
    return {.request =
                [this, request_call, &service](auto* context, auto* request, auto* writer, void* tag) {
                  (service.*request_call)(context, request, writer, worker_.queue(), worker_.queue(), tag);
                },
            .handle = [this, handle](RawStreamCall& call) { return handle(worker_, call); },
            .open_calls = &open_calls_};
  }

  Worker worker_;
  rpc::OpenCalls open_calls_;
  RawUnaryCall::Method get_user_;
  RawUnaryCall::Method batch_get_users_;
  RawUnaryCall::Method status_;
  RawStreamCall::Method list_users_;
  RawStreamCall::Method watch_users_;
  std::thread thread_;
};

}  // namespace

struct QueryService::Parts {
  explicit Parts(const QueryServiceOptions& options)
      : state(options, registry),
        metrics(registry, state, read_model::Folder(options.read_model)),
        wake_up(read_model::Folder(options.read_model)),
        readiness(read_model::Folder(options.read_model), wake_up,
                  [this](bool serving) { server->SetServing(serving); }) {}

  metrics::Registry registry;
  ServiceState state;
  QueryMetrics metrics;
  WakeUp wake_up;
  Readiness readiness;
  AsyncService service;
  std::vector<std::unique_ptr<ServingWorker>> workers;
  std::unique_ptr<rpc::Server> server;
  // Reads what is above.
  std::unique_ptr<metrics::Exposer> exposer;
};

absl::StatusOr<std::unique_ptr<QueryService>> QueryService::Start(const QueryServiceOptions& options) {
  auto parts = std::make_unique<Parts>(options);
  metrics::AddProcessMetrics(parts->registry, "roster-query-service");
  ROSTER_ASSIGN_OR_RETURN(parts->exposer, metrics::Exposer::Start(options.metrics, parts->registry));
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  const auto add_queues = [&](grpc::ServerBuilder& builder) -> grpc::ServerCompletionQueue& {
    for (int i = 0; i < WorkerCount(options); ++i) queues.push_back(builder.AddCompletionQueue());
    return *queues.front();
  };
  const std::vector<rpc::NamedService> services = {{v1::UserQueryService::service_full_name(), &parts->service}};
  absl::StatusOr<std::unique_ptr<rpc::Server>> server =
      rpc::Server::Start(options.server, services, add_queues, &parts->registry);
  if (!server.ok()) {
    for (auto& queue : queues) {
      queue->Shutdown();
      void* tag;
      bool ok;
      while (queue->Next(&tag, &ok)) {
      }
    }
    return server.status();
  }
  parts->server = *std::move(server);
  parts->state.on_not_ready = [readiness = &parts->readiness] { readiness->NotReady(); };
  for (auto& queue : queues) {
    parts->workers.push_back(std::make_unique<ServingWorker>(parts->service, parts->state, parts->wake_up,
                                                             *parts->server, std::move(queue)));
  }
  for (auto& worker : parts->workers) worker->Start();
  parts->wake_up.Start([parts = parts.get()] {
    parts->readiness.Look();
    for (auto& worker : parts->workers) worker->worker().Wake();
  });
  Log(LogLevel::kInfo, "listening",
      {{"address", parts->server->address()},
       {"read_model", options.read_model},
       {"workers", parts->workers.size()},
       {"version", Version()}});
  return std::unique_ptr<QueryService>(new QueryService(std::move(parts)));
}

QueryService::QueryService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
QueryService::~QueryService() { Stop(); }

const std::string& QueryService::address() const { return parts_->server->address(); }
const metrics::Registry& QueryService::metrics() const { return parts_->registry; }
std::shared_ptr<grpc::Channel> QueryService::InProcessChannel() { return parts_->server->InProcessChannel(); }

void QueryService::Stop() {
  if (parts_->state.stopping.exchange(true)) return;
  Log(LogLevel::kInfo, "stopping");
  parts_->readiness.Stop();
  // Those who wait look, and see that they should end.
  for (auto& worker : parts_->workers) worker->worker().Wake();
  parts_->server->Shutdown();
  parts_->wake_up.Stop();
  for (auto& worker : parts_->workers) worker->Join();
}

}  // namespace roster::query_service
