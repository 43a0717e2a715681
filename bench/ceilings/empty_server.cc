#include "bench/ceilings/empty_server.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/shutdown.h"
#include "bench/ceilings/constant_pages.h"
#include "query-service/raw_call.h"
#include "roster/v1/user_command_service.grpc.pb.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "rpc-server/async_call.h"
#include "rpc-server/server.h"

namespace roster::bench {
namespace {

constexpr int kQueryAcceptedAhead = 8;

}  // namespace

// A completion queue with the thread that polls it.
struct EmptyServerPoller {
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  rpc::OpenCalls open_calls;
  // The methods whose calls come in on it.
  std::vector<std::shared_ptr<void>> methods;
  std::thread thread;

  // `request_call`: RequestX of `service`. `handle`: takes a call.
  template <typename Call, typename Service, typename RequestCall, typename Handle>
  void AcceptCalls(Service& service, RequestCall request_call, Handle handle, int accepted_ahead) {
    auto method = std::make_shared<typename Call::Method>();
    method->request = [&service, request_call, queue = queue.get()](auto* context, auto* request, auto* responder,
                                                                    void* tag) {
      (service.*request_call)(context, request, responder, queue, queue, tag);
    };
    method->handle = handle;
    method->open_calls = &open_calls;
    method->guard = rpc::MethodGuard::Open(nullptr);
    for (int i = 0; i < accepted_ahead; ++i) Call::Accept(*method);
    methods.push_back(std::move(method));
  }
  void Start() {
    thread = std::thread([this] {
      void* tag = nullptr;
      bool ok = false;
      while (queue->Next(&tag, &ok)) static_cast<rpc::CompletionTag*>(tag)->Complete(ok);
    });
  }
  void Stop() {
    open_calls.AwaitNone();
    queue->Shutdown();
    thread.join();
  }
};

using Accept = std::function<void(EmptyServerPoller&)>;

// A service with the way in which its calls come in on a poller.
struct EmptyServerMethods {
  const char* name;
  std::unique_ptr<grpc::Service> service;
  int pollers;
  Accept accept;
};

namespace {

EmptyServerMethods CommandMethods() {
  using Call = rpc::UnaryCall<v1::SignUpUserRequest, v1::SignUpUserResponse>;
  using Service = v1::UserCommandService::WithAsyncMethod_SignUpUser<v1::UserCommandService::Service>;
  auto service = std::make_unique<Service>();
  const Accept accept = [service = service.get()](EmptyServerPoller& poller) {
    poller.AcceptCalls<Call>(
        *service, &Service::RequestSignUpUser, [](Call& call) { call.Finish({}); },
        /*accepted_ahead=*/1);
  };
  return {v1::UserCommandService::service_full_name(), std::move(service), 1, accept};
}

EmptyServerMethods QueryMethods() {
  using Service = v1::UserQueryService::WithRawMethod_GetUser<
      v1::UserQueryService::WithRawMethod_ListUsers<v1::UserQueryService::Service>>;
  auto service = std::make_unique<Service>();
  const Accept accept = [service = service.get(), nothing = grpc::Slice()](EmptyServerPoller& poller) {
    using Get = query_service::RawUnaryCall;
    poller.AcceptCalls<Get>(
        *service, &Service::RequestGetUser, [nothing](Get& call) { call.Finish(grpc::ByteBuffer(&nothing, 1)); },
        kQueryAcceptedAhead);
    using List = query_service::RawStreamCall;
    poller.AcceptCalls<List>(*service, &Service::RequestListUsers, MakeConstantPages, kQueryAcceptedAhead);
  };
  const int pollers = std::max(2, static_cast<int>(std::thread::hardware_concurrency()));
  return {v1::UserQueryService::service_full_name(), std::move(service), pollers, accept};
}

}  // namespace

struct EmptyServer::Parts {
  EmptyServerMethods methods;
  std::vector<std::unique_ptr<EmptyServerPoller>> pollers;
  std::unique_ptr<rpc::Server> server;
};

EmptyServer::EmptyServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::unique_ptr<EmptyServer>> EmptyServer::Start(const std::string& service) {
  auto parts = std::make_unique<Parts>();
  parts->methods = service == "query" ? QueryMethods() : CommandMethods();
  rpc::ServerOptions options;
  options.listen = "127.0.0.1:0";
  const auto add_queues = [&parts](grpc::ServerBuilder& builder) -> grpc::ServerCompletionQueue& {
    for (int i = 0; i < parts->methods.pollers; ++i) {
      parts->pollers.push_back(std::make_unique<EmptyServerPoller>());
      parts->pollers.back()->queue = builder.AddCompletionQueue();
    }
    return *parts->pollers.front()->queue;
  };
  ROSTER_ASSIGN_OR_RETURN(
      parts->server, rpc::Server::Start(options, {{parts->methods.name, parts->methods.service.get()}}, add_queues));
  for (auto& poller : parts->pollers) {
    parts->methods.accept(*poller);
    poller->Start();
  }
  parts->server->SetServing(true);
  return std::unique_ptr<EmptyServer>(new EmptyServer(std::move(parts)));
}

EmptyServer::~EmptyServer() {
  parts_->server->Shutdown();
  for (auto& poller : parts_->pollers) poller->Stop();
}

const std::string& EmptyServer::address() const { return parts_->server->address(); }

std::shared_ptr<grpc::Channel> EmptyServer::InProcessChannel() { return parts_->server->InProcessChannel(); }

int RunEmptyServer(const std::string& service) {
  ShutdownSignal shutdown;
  const auto server = EmptyServer::Start(service);
  if (!server.ok()) {
    Log(LogLevel::kError, "cannot start", {{"error", server.status()}});
    return 1;
  }
  Log(LogLevel::kInfo, "listening", {{"address", (*server)->address()}});
  shutdown.Wait();
  return 0;
}

}  // namespace roster::bench
