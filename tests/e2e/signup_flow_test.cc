// The signup flow as users have it: through the servers, as processes.
#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include "base/consistency_token.h"
#include "tests/e2e/e2e_test.h"
#include "tests/support/history.h"

namespace roster::test {
namespace {

class SignupFlowTest : public EndToEndTest {};

TEST_P(SignupFlowTest, WritesAreReadBackByTheirToken) {
  StartAll();
  v1::SignUpUserResponse signed_up;
  ASSERT_TRUE(SignUp("Ada@example.com", signed_up).ok());
  Context update_context, get_context, delete_context, gone_context, email_context;
  v1::UpdateUserRequest update;
  v1::UpdateUserResponse updated;
  update.mutable_user()->set_user_id(signed_up.user().user_id());
  update.mutable_user()->set_status(v1::USER_STATUS_INACTIVE);
  update.mutable_update_mask()->add_paths("status");
  ASSERT_TRUE(commands_->UpdateUser(&update_context, update, &updated).ok());

  v1::GetUserRequest get;
  v1::GetUserResponse got;
  get.set_email("ada@EXAMPLE.com");
  get.set_read_after(updated.consistency_token());
  ASSERT_TRUE(queries_->GetUser(&get_context, get, &got).ok());
  EXPECT_EQ(got.user().DebugString(), updated.user().DebugString());

  v1::DeleteUserRequest remove;
  v1::DeleteUserResponse removed;
  remove.set_user_id(signed_up.user().user_id());
  remove.set_etag(updated.user().etag());
  ASSERT_TRUE(commands_->DeleteUser(&delete_context, remove, &removed).ok());
  get.set_read_after(removed.consistency_token());
  EXPECT_EQ(ReasonOf(queries_->GetUser(&gone_context, get, &got)), "USER_NOT_FOUND");
  get.set_user_id(signed_up.user().user_id());
  get.set_show_deleted(true);
  ASSERT_TRUE(queries_->GetUser(&email_context, get, &got).ok());
  EXPECT_EQ(got.user().status(), v1::USER_STATUS_DELETED);
  EXPECT_EQ(got.user().version(), 3);
}

TEST_P(SignupFlowTest, SixtyFourClientsGetEachAddressOnce) {
  StartAll();
  constexpr int kClients = 64;
  constexpr int kAddresses = 1000;
  std::atomic<int> succeeded = 0;
  std::atomic<int> taken = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([&] {
      for (int i = 0; i < kAddresses; ++i) {
        v1::SignUpUserResponse response;
        const grpc::Status status = SignUp("user" + std::to_string(i) + "@example.com", response);
        succeeded += status.ok();
        taken += ReasonOf(status) == "EMAIL_TAKEN";
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(succeeded, kAddresses);
  EXPECT_EQ(taken, (kClients - 1) * kAddresses);
  const std::vector<LoggedEvent> events = ReadEvents(*processes_.OpenLog());
  EXPECT_EQ(events.size(), static_cast<size_t>(kAddresses));
  EXPECT_EQ(CheckLog(events, History()), std::vector<std::string>());
}

TEST_P(SignupFlowTest, TokenOfEachWriteMakesTheNextReadSeeItUnderLoad) {
  StartAll();
  constexpr int kWriters = 8;
  std::atomic<int> missed = 0;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 200; ++i) {
        v1::SignUpUserResponse signed_up;
        const grpc::Status status =
            SignUp(std::to_string(writer) + "-" + std::to_string(i) + "@example.com", signed_up);
        ASSERT_TRUE(status.ok()) << status.error_message();
        Context context;
        v1::GetUserRequest get;
        v1::GetUserResponse got;
        get.set_user_id(signed_up.user().user_id());
        get.set_read_after(signed_up.consistency_token());
        missed += !queries_->GetUser(&context, get, &got).ok();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(missed, 0);
}

TEST_P(SignupFlowTest, TokenFromTheFutureEndsBeforeTheDeadlineAsNotYetVisible) {
  StartAll();
  v1::SignUpUserResponse signed_up;
  ASSERT_TRUE(SignUp("ada@example.com", signed_up).ok());
  Position future = DecodeConsistencyToken(signed_up.consistency_token()).value();
  for (int64_t& offset : future.next_offsets) offset += 1'000'000;
  Context context(absl::Seconds(2));
  v1::GetUserRequest get;
  v1::GetUserResponse got;
  get.set_user_id(signed_up.user().user_id());
  get.set_read_after(EncodeConsistencyToken(future));
  const grpc::Status status = queries_->GetUser(&context, get, &got);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "NOT_YET_VISIBLE");
}

TEST_P(SignupFlowTest, ServersStopCleanlyOnSigtermAndWatchesEndWithAToken) {
  StartAll();
  v1::SignUpUserResponse signed_up;
  ASSERT_TRUE(SignUp("ada@example.com", signed_up).ok());
  Context context;
  v1::WatchUsersRequest watch;
  watch.set_read_after(signed_up.consistency_token());
  auto stream = queries_->WatchUsers(&context, watch);
  v1::WatchUsersResponse message;
  ASSERT_TRUE(stream->Read(&message));
  ASSERT_EQ(message.users_size(), 1);
  EXPECT_EQ(message.users(0).user_id(), signed_up.user().user_id());
  for (Process* process : {&processes_.command_service(), &processes_.projector(), &processes_.query_service()}) {
    process->Signal(SIGTERM);
  }
  while (stream->Read(&message)) EXPECT_FALSE(message.resume_token().empty());
  EXPECT_EQ(ReasonOf(stream->Finish()), "SHUTTING_DOWN");
  EXPECT_EQ(processes_.command_service().Wait(), 0);
  EXPECT_EQ(processes_.projector().Wait(), 0);
  EXPECT_EQ(processes_.query_service().Wait(), 0);
}

TEST_P(SignupFlowTest, QueryServiceStartsBeforeThereIsAReadModel) {
  processes_.StartQueryService();
  auto queries = v1::UserQueryService::NewStub(processes_.query_channel());
  Context context;
  v1::GetUserRequest get;
  v1::GetUserResponse got;
  get.set_user_id("u");
  EXPECT_EQ(ReasonOf(queries->GetUser(&context, get, &got)), "NOT_READY");
  processes_.StartProjector();
  processes_.StartCommandService();
  ASSERT_TRUE(processes_.WaitUntilServing()) << processes_.projector().Log();
  Context later;
  EXPECT_EQ(ReasonOf(queries->GetUser(&later, get, &got)), "USER_NOT_FOUND");
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(OnThe, SignupFlowTest, LogsUnderTest(), LogName);

}  // namespace roster::test
