#ifndef ROSTER_RPC_SERVER_GUARDED_SERVER_FOR_TEST_H_
#define ROSTER_RPC_SERVER_GUARDED_SERVER_FOR_TEST_H_

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "rpc-server/async_call.h"
#include "rpc-server/error_details_for_test.h"
#include "rpc-server/server.h"

namespace roster::rpc {

// For tests of who may call: a server with a unary and a streaming method, both of which answer with nothing.
class GuardedServer {
 public:
  explicit GuardedServer(const SecurityOptions& security, const CallerLimitOptions& caller = {}) {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.security = security;
    options.caller = caller;
    server_ = Server::Start(options, {{v1::UserQueryService::service_full_name(), &service_}},
                            [this](grpc::ServerBuilder& builder) -> auto& {
                              queue_ = builder.AddCompletionQueue();
                              return *queue_;
                            })
                  .value();
    get_user_ = {.request =
                     [this](auto* context, auto* request, auto* responder, void* tag) {
                       service_.RequestGetUser(context, request, responder, queue_.get(), queue_.get(), tag);
                     },
                 .handle = [](GetUserCall& call) { call.Finish({}); },
                 .open_calls = &open_calls_,
                 .guard = server_->GuardOf("roster.v1.UserQueryService/GetUser")};
    list_users_ = {.request =
                       [this](auto* context, auto* request, auto* writer, void* tag) {
                         service_.RequestListUsers(context, request, writer, queue_.get(), queue_.get(), tag);
                       },
                   .handle = [](ListUsersCall& call) { return std::make_unique<EmptyList>(call); },
                   .open_calls = &open_calls_,
                   .guard = server_->GuardOf("roster.v1.UserQueryService/ListUsers")};
    GetUserCall::Accept(get_user_);
    ListUsersCall::Accept(list_users_);
    poller_ = std::thread([this] {
      void* tag;
      bool ok;
      while (queue_->Next(&tag, &ok)) static_cast<CompletionTag*>(tag)->Complete(ok);
    });
  }

  ~GuardedServer() {
    server_->Shutdown();
    open_calls_.AwaitNone();
    queue_->Shutdown();
    poller_.join();
  }

  const std::string& address() const { return server_->address(); }
  Server& server() { return *server_; }

 private:
  using Service = v1::UserQueryService::WithAsyncMethod_GetUser<
      v1::UserQueryService::WithAsyncMethod_ListUsers<v1::UserQueryService::Service>>;
  using GetUserCall = UnaryCall<v1::GetUserRequest, v1::GetUserResponse>;
  using ListUsersCall = ServerStreamCall<v1::ListUsersRequest, v1::ListUsersResponse>;
  class EmptyList final : public ListUsersCall::Handler {
   public:
    explicit EmptyList(ListUsersCall& call) : call_(call) {}
    void OnReady() override { call_.Finish(absl::OkStatus()); }

   private:
    ListUsersCall& call_;
  };

  Service service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  OpenCalls open_calls_;
  GetUserCall::Method get_user_;
  ListUsersCall::Method list_users_;
  std::unique_ptr<Server> server_;
  std::thread poller_;
};

// How a call went, for comparing: "OK", or "UNAUTHENTICATED/CREDENTIALS_MISSING".
inline std::string Outcome(const grpc::Status& status) {
  if (status.ok()) return "OK";
  return absl::StrCat(absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code())), "/",
                      ReasonOf(status));
}

// Gives a call a token; none where that is empty.
inline void AddToken(grpc::ClientContext& context, const std::string& token) {
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
}

inline grpc::Status GetUser(const std::shared_ptr<grpc::Channel>& channel, const std::string& token = "") {
  grpc::ClientContext context;
  AddToken(context, token);
  v1::GetUserResponse response;
  return v1::UserQueryService::NewStub(channel)->GetUser(&context, {}, &response);
}

inline grpc::Status ListUsers(const std::shared_ptr<grpc::Channel>& channel, const std::string& token = "") {
  grpc::ClientContext context;
  AddToken(context, token);
  v1::ListUsersResponse page;
  const auto stream = v1::UserQueryService::NewStub(channel)->ListUsers(&context, {});
  while (stream->Read(&page)) {
  }
  return stream->Finish();
}

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_GUARDED_SERVER_FOR_TEST_H_
