#include "bench/empty_server.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <vector>

#include "base/log.h"
#include "base/shutdown.h"
#include "query-service/raw_call.h"
#include "roster/v1/user_command_service.grpc.pb.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "rpc-server/async_call.h"
#include "rpc-server/server.h"

namespace roster::bench {
namespace {

constexpr int kQueryAcceptedAhead = 8;

// A completion queue with the thread that polls it and the one method whose calls come in on it.
template <typename Call>
struct Poller {
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  rpc::OpenCalls open_calls;
  typename Call::Method method;
  std::thread thread;

  void Start(int accepted_ahead) {
    method.open_calls = &open_calls;
    for (int i = 0; i < accepted_ahead; ++i) Call::Accept(method);
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

// `request_call`: RequestX of `service`. `answer`: ends a call.
template <typename Call, typename Service, typename RequestCall, typename Answer>
int Serve(const char* name, Service& service, RequestCall request_call, Answer answer, int pollers,
          int accepted_ahead) {
  ShutdownSignal shutdown;
  std::vector<std::unique_ptr<Poller<Call>>> polled;
  rpc::ServerOptions options;
  options.listen = "127.0.0.1:0";
  auto server = rpc::Server::Start(options, {{name, &service}}, [&](grpc::ServerBuilder& builder) {
    for (int i = 0; i < pollers; ++i) {
      polled.push_back(std::make_unique<Poller<Call>>());
      polled.back()->queue = builder.AddCompletionQueue();
    }
  });
  if (!server.ok()) {
    Log(LogLevel::kError, "cannot start", {{"error", server.status()}});
    return 1;
  }
  for (auto& poller : polled) {
    poller->method.request = [&service, request_call, queue = poller->queue.get()](auto* context, auto* request,
                                                                                   auto* responder, void* tag) {
      (service.*request_call)(context, request, responder, queue, queue, tag);
    };
    poller->method.handle = answer;
    poller->Start(accepted_ahead);
  }
  (*server)->SetServing(true);
  Log(LogLevel::kInfo, "listening", {{"address", (*server)->address()}});
  shutdown.Wait();
  (*server)->Shutdown();
  for (auto& poller : polled) poller->Stop();
  return 0;
}

int ServeCommands() {
  using Call = rpc::UnaryCall<v1::SignUpUserRequest, v1::SignUpUserResponse>;
  using Service = v1::UserCommandService::WithAsyncMethod_SignUpUser<v1::UserCommandService::Service>;
  Service service;
  return Serve<Call>(
      v1::UserCommandService::service_full_name(), service, &Service::RequestSignUpUser,
      [](Call& call) { call.Finish({}); }, /*pollers=*/1, /*accepted_ahead=*/1);
}

int ServeQueries() {
  using Call = query_service::RawUnaryCall;
  using Service = v1::UserQueryService::WithRawMethod_GetUser<v1::UserQueryService::Service>;
  Service service;
  const grpc::Slice nothing;
  return Serve<Call>(
      v1::UserQueryService::service_full_name(), service, &Service::RequestGetUser,
      [&nothing](Call& call) { call.Finish(grpc::ByteBuffer(&nothing, 1)); },
      std::max(2, static_cast<int>(std::thread::hardware_concurrency())), kQueryAcceptedAhead);
}

}  // namespace

int RunEmptyServer(const std::string& service) { return service == "query" ? ServeQueries() : ServeCommands(); }

}  // namespace roster::bench
