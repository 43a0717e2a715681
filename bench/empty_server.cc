#include "bench/empty_server.h"

#include <memory>
#include <thread>

#include "base/log.h"
#include "base/shutdown.h"
#include "roster/v1/user_command_service.grpc.pb.h"
#include "rpc-server/async_call.h"
#include "rpc-server/server.h"

namespace roster::bench {

int RunEmptyServer() {
  using Call = rpc::UnaryCall<v1::SignUpUserRequest, v1::SignUpUserResponse>;
  ShutdownSignal shutdown;
  v1::UserCommandService::WithAsyncMethod_SignUpUser<v1::UserCommandService::Service> service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  rpc::OpenCalls open_calls;
  Call::Method method;

  rpc::ServerOptions options;
  options.listen = "127.0.0.1:0";
  auto server = rpc::Server::Start(options, {{v1::UserCommandService::service_full_name(), &service}},
                                   [&](grpc::ServerBuilder& builder) { queue = builder.AddCompletionQueue(); });
  if (!server.ok()) {
    Log(LogLevel::kError, "cannot start", {{"error", server.status()}});
    return 1;
  }
  method.request = [&](auto* context, auto* request, auto* responder, void* tag) {
    service.RequestSignUpUser(context, request, responder, queue.get(), queue.get(), tag);
  };
  method.handle = [](Call& call) { call.Finish({}); };
  method.open_calls = &open_calls;
  Call::Accept(method);
  std::thread poller([&] {
    void* tag = nullptr;
    bool ok = false;
    while (queue->Next(&tag, &ok)) static_cast<rpc::CompletionTag*>(tag)->Complete(ok);
  });
  (*server)->SetServing(true);
  Log(LogLevel::kInfo, "listening", {{"address", (*server)->address()}});

  shutdown.Wait();
  (*server)->Shutdown();
  open_calls.AwaitNone();
  queue->Shutdown();
  poller.join();
  return 0;
}

}  // namespace roster::bench
