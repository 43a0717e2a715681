#include "rpc-server/async_call.h"

#include <optional>
#include <string>

#include "base/eventually.h"
#include "gtest/gtest.h"
#include "metrics/value_for_test.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "rpc-server/error_reason.h"
#include "rpc-server/polled_queues_for_test.h"
#include "rpc-server/server.h"

namespace roster::rpc {
namespace {

using v1::UserQueryService;
using Service =
    UserQueryService::WithAsyncMethod_GetUser<UserQueryService::WithAsyncMethod_ListUsers<UserQueryService::Service>>;
using GetUserCall = UnaryCall<v1::GetUserRequest, v1::GetUserResponse>;
using ListUsersCall = ServerStreamCall<v1::ListUsersRequest, v1::ListUsersResponse>;

// Sends `limit` pages, each numbered, then ends; with a limit of zero it never ends.
class CountingHandler : public ListUsersCall::Handler {
 public:
  CountingHandler(ListUsersCall& call, std::atomic<int>& done) : call_(call), done_(done) {}
  ~CountingHandler() override { ++done_; }

  void OnReady() override {
    if (call_.request().limit() > 0 && sent_ == call_.request().limit()) {
      call_.Finish(absl::OkStatus());
      return;
    }
    v1::ListUsersResponse page;
    page.set_next_page_token(std::to_string(sent_++));
    call_.Write(page);
  }

 private:
  ListUsersCall& call_;
  std::atomic<int>& done_;
  int sent_ = 0;
};

class AsyncCallTest : public testing::Test {
 protected:
  AsyncCallTest() {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.drain_timeout_ms = 100;
    server_ = Server::Start(
                  options, {{UserQueryService::service_full_name(), &service_}},
                  [this](grpc::ServerBuilder& builder) -> auto& {
                    queue_ = &queues_->AddTo(builder);
                    return *queue_;
                  },
                  &registry_)
                  .value();
    get_user_.request = [this](auto* context, auto* request, auto* responder, void* tag) {
      service_.RequestGetUser(context, request, responder, queue_, queue_, tag);
    };
    get_user_.handle = [](GetUserCall& call) {
      if (call.request().user_id().empty()) {
        call.Fail(ErrorWithReason(absl::StatusCode::kNotFound, v1::ERROR_REASON_USER_NOT_FOUND, "nobody"));
        return;
      }
      v1::GetUserResponse response;
      response.mutable_user()->set_user_id(call.request().user_id());
      call.Finish(response);
    };
    list_users_.request = [this](auto* context, auto* request, auto* writer, void* tag) {
      service_.RequestListUsers(context, request, writer, queue_, queue_, tag);
    };
    list_users_.handle = [this](ListUsersCall& call) { return std::make_unique<CountingHandler>(call, streams_done_); };
    get_user_.guard = server_->GuardOf("roster.v1.UserQueryService/GetUser");
    list_users_.guard = server_->GuardOf("roster.v1.UserQueryService/ListUsers");
    get_user_.metrics = server_->MetricsOf("roster.v1.UserQueryService/GetUser");
    list_users_.metrics = server_->MetricsOf("roster.v1.UserQueryService/ListUsers");
    get_user_.open_calls = &open_calls_;
    list_users_.open_calls = &open_calls_;
    GetUserCall::Accept(get_user_);
    ListUsersCall::Accept(list_users_);
    stub_ = UserQueryService::NewStub(grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
  }

  ~AsyncCallTest() override { Stop(); }

  void Stop() {
    if (!queues_) return;
    server_->Shutdown();
    open_calls_.AwaitNone();
    queues_.reset();
  }

  // A call is counted right after its caller has the answer.
  bool IsSoon(double value, const std::string& name, const metrics::Labels& labels) {
    return Eventually([&] { return metrics::ValueOf(registry_, name, labels) == value; });
  }

  metrics::Registry registry_;
  Service service_;
  std::optional<PolledQueues> queues_{std::in_place};
  grpc::ServerCompletionQueue* queue_ = nullptr;
  OpenCalls open_calls_;
  GetUserCall::Method get_user_;
  ListUsersCall::Method list_users_;
  std::atomic<int> streams_done_ = 0;
  std::unique_ptr<Server> server_;
  std::unique_ptr<UserQueryService::Stub> stub_;
};

TEST_F(AsyncCallTest, UnaryCallsAreAnsweredOneAfterAnother) {
  for (int i = 0; i < 100; ++i) {
    grpc::ClientContext context;
    v1::GetUserRequest request;
    v1::GetUserResponse response;
    request.set_user_id(std::to_string(i));
    ASSERT_TRUE(stub_->GetUser(&context, request, &response).ok());
    EXPECT_EQ(response.user().user_id(), std::to_string(i));
  }
}

TEST_F(AsyncCallTest, FailedCallCarriesItsDetails) {
  grpc::ClientContext context;
  v1::GetUserResponse response;
  const grpc::Status status = stub_->GetUser(&context, {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_NE(status.error_details().find("USER_NOT_FOUND"), std::string::npos);
}

TEST_F(AsyncCallTest, StreamSendsItsMessagesInOrderAndEnds) {
  grpc::ClientContext context;
  v1::ListUsersRequest request;
  request.set_limit(1000);
  auto stream = stub_->ListUsers(&context, request);
  v1::ListUsersResponse page;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(stream->Read(&page));
    EXPECT_EQ(page.next_page_token(), std::to_string(i));
  }
  EXPECT_FALSE(stream->Read(&page));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(AsyncCallTest, HandlerGoesWhenTheCallerCancels) {
  grpc::ClientContext context;
  auto stream = stub_->ListUsers(&context, {});
  v1::ListUsersResponse page;
  ASSERT_TRUE(stream->Read(&page));
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  Stop();
  EXPECT_EQ(streams_done_, 1);
}

TEST_F(AsyncCallTest, EndlessStreamEndsWithTheServer) {
  grpc::ClientContext context;
  auto stream = stub_->ListUsers(&context, {});
  v1::ListUsersResponse page;
  ASSERT_TRUE(stream->Read(&page));
  Stop();
  while (stream->Read(&page)) {
  }
  EXPECT_FALSE(stream->Finish().ok());
  EXPECT_EQ(streams_done_, 1);
}

constexpr char kGetUser[] = "roster.v1.UserQueryService/GetUser";
constexpr char kListUsers[] = "roster.v1.UserQueryService/ListUsers";

TEST_F(AsyncCallTest, CallsAreCountedByMethodCodeAndReason) {
  for (const std::string user_id : {"ann", "", "ben"}) {
    grpc::ClientContext context;
    v1::GetUserRequest request;
    v1::GetUserResponse response;
    request.set_user_id(user_id);
    EXPECT_EQ(stub_->GetUser(&context, request, &response).ok(), !user_id.empty());
  }
  EXPECT_TRUE(IsSoon(3, "roster_rpc_duration_seconds", {{"method", kGetUser}}));
  EXPECT_TRUE(IsSoon(2, "roster_rpc_calls_total", {{"method", kGetUser}, {"code", "OK"}}));
  EXPECT_TRUE(IsSoon(1, "roster_rpc_calls_total", {{"method", kGetUser}, {"code", "NOT_FOUND"}}));
  EXPECT_TRUE(IsSoon(1, "roster_rpc_errors_total", {{"reason", "USER_NOT_FOUND"}}));
  EXPECT_TRUE(IsSoon(0, "roster_rpc_open_calls", {{"method", kGetUser}}));
}

TEST_F(AsyncCallTest, OpenStreamsAndTheirMessagesAreCounted) {
  grpc::ClientContext context;
  v1::ListUsersRequest request;
  auto stream = stub_->ListUsers(&context, request);
  v1::ListUsersResponse page;
  ASSERT_TRUE(stream->Read(&page));
  EXPECT_TRUE(IsSoon(1, "roster_rpc_open_calls", {{"method", kListUsers}}));
  EXPECT_GE(metrics::ValueOf(registry_, "roster_rpc_stream_messages_sent_total", {{"method", kListUsers}}), 1);
  EXPECT_EQ(metrics::ValueOf(registry_, "roster_rpc_duration_seconds", {{"method", kListUsers}}), 0);
  context.TryCancel();
  EXPECT_FALSE(stream->Finish().ok());
  EXPECT_TRUE(IsSoon(1, "roster_rpc_calls_total", {{"method", kListUsers}, {"code", "CANCELLED"}}));
  EXPECT_TRUE(IsSoon(0, "roster_rpc_open_calls", {{"method", kListUsers}}));
}

TEST_F(AsyncCallTest, RefusedCallsAreCounted) {
  // As it is made, a guard refuses all.
  get_user_.guard = MethodGuard();
  grpc::ClientContext context;
  v1::GetUserResponse response;
  EXPECT_FALSE(stub_->GetUser(&context, {}, &response).ok());
  EXPECT_TRUE(IsSoon(1, "roster_rpc_calls_total", {{"method", kGetUser}, {"code", "INTERNAL"}}));
  EXPECT_TRUE(IsSoon(1, "roster_rpc_errors_total", {{"reason", "INTERNAL"}}));
}

TEST_F(AsyncCallTest, ServingIsShown) {
  EXPECT_EQ(metrics::ValueOf(registry_, "roster_serving"), 0);
  server_->SetServing(true);
  EXPECT_EQ(metrics::ValueOf(registry_, "roster_serving"), 1);
  Stop();
  EXPECT_EQ(metrics::ValueOf(registry_, "roster_serving"), 0);
}

}  // namespace
}  // namespace roster::rpc
