#include "rpc-server/async_call.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"
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
    server_ = Server::Start(options, {{UserQueryService::service_full_name(), &service_}},
                            [this](grpc::ServerBuilder& builder) -> auto& {
                              queue_ = &queues_->AddTo(builder);
                              return *queue_;
                            })
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

}  // namespace
}  // namespace roster::rpc
