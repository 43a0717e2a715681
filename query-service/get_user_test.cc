#include <future>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/consistency_token.h"
#include "gmock/gmock.h"
#include "grpcpp/generic/generic_stub.h"
#include "query-service/query_service_for_test.h"

namespace roster::query_service {
namespace {

using testing::ElementsAre;

using GetUserTest = QueryServiceTest;

TEST_F(GetUserTest, FindsByIdAndByEmailInAnyCase) {
  ServeReady();
  projector_->Commit([&] { projector_->Put("ada", "Ada@Example.com"); });
  v1::GetUserResponse response;
  ASSERT_TRUE(GetUser(ById("ada"), &response).ok());
  EXPECT_EQ(response.user().email(), "Ada@Example.com");
  EXPECT_EQ(DecodeConsistencyToken(response.consistency_token()).value(), projector_->position());
  v1::GetUserRequest by_email;
  by_email.set_email("aDA@example.COM");
  response.Clear();
  ASSERT_TRUE(GetUser(by_email, &response).ok());
  EXPECT_EQ(response.user().user_id(), "ada");
}

TEST_F(GetUserTest, DeletedUserIsFoundOnlyWhenAskedFor) {
  ServeReady();
  projector_->Commit([&] {
    projector_->Put("ada", "ada@example.com");
    projector_->Delete("ada");
  });
  v1::GetUserResponse response;
  grpc::Status status = GetUser(ById("ada"), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "USER_NOT_FOUND");
  v1::GetUserRequest request = ById("ada");
  request.set_show_deleted(true);
  ASSERT_TRUE(GetUser(request, &response).ok());
  EXPECT_EQ(response.user().status(), v1::USER_STATUS_DELETED);
  v1::GetUserRequest by_email;
  by_email.set_email("ada@example.com");
  EXPECT_EQ(ReasonOf(GetUser(by_email, &response)), "USER_NOT_FOUND");
}

TEST_F(GetUserTest, AddressInTwoRowsBelongsToTheHighestSequence) {
  ServeReady();
  projector_->Commit([&] {
    projector_->Put("old", "same@example.com");
    projector_->Put("new", "same@example.com");
  });
  v1::GetUserRequest request;
  request.set_email("same@example.com");
  v1::GetUserResponse response;
  ASSERT_TRUE(GetUser(request, &response).ok());
  EXPECT_EQ(response.user().user_id(), "new");
}

TEST_F(GetUserTest, BadFieldsAreListed) {
  ServeReady();
  v1::GetUserResponse response;
  EXPECT_THAT(BadFieldsOf(GetUser({}, &response)), ElementsAre("user_id"));
  EXPECT_THAT(BadFieldsOf(GetUser(ById(""), &response)), ElementsAre("user_id"));
  EXPECT_THAT(BadFieldsOf(GetUser(ById(std::string(129, 'a')), &response)), ElementsAre("user_id"));
  EXPECT_THAT(BadFieldsOf(GetUser(ById("a b"), &response)), ElementsAre("user_id"));
  v1::GetUserRequest request;
  request.set_email("nobody");
  request.set_show_deleted(true);
  const grpc::Status status = GetUser(request, &response);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  EXPECT_THAT(BadFieldsOf(status), ElementsAre("email", "show_deleted"));
}

TEST_F(GetUserTest, ReadAfterWaitsForTheWriteAndSeesIt) {
  ServeReady();
  projector_->Commit([&] { projector_->Put("eve", "eve@example.com"); });
  Position wanted = projector_->position();
  ++wanted.next_offsets[0];
  std::promise<void> asked;
  std::thread reader([&] {
    v1::GetUserResponse response;
    asked.set_value();
    const grpc::Status status = GetUser(ById("ada", EncodeConsistencyToken(wanted)), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.user().user_id(), "ada");
  });
  asked.get_future().wait();
  projector_->Commit([&] { projector_->Put("ada", "ada@example.com"); });
  reader.join();
}

TEST_F(GetUserTest, TokenFromTheFutureEndsBeforeTheDeadlineAsNotYetVisible) {
  ServeReady();
  Position wanted = projector_->position();
  wanted.next_offsets[0] = 1000;
  v1::GetUserResponse response;
  const grpc::Status status = GetUser(ById("ada", EncodeConsistencyToken(wanted)), &response, absl::Seconds(1));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "NOT_YET_VISIBLE");
  EXPECT_TRUE(HasRetryInfo(status));
}

TEST_F(GetUserTest, WaitWithoutADeadlineEndsAtTheServersLimit) {
  options_.max_wait_ms = 50;
  ServeReady();
  Position wanted = projector_->position();
  wanted.next_offsets[0] = 1000;
  grpc::ClientContext context;
  v1::GetUserResponse response;
  EXPECT_EQ(ReasonOf(stub_->GetUser(&context, ById("ada", EncodeConsistencyToken(wanted)), &response)),
            "NOT_YET_VISIBLE");
}

TEST_F(GetUserTest, WaitingReadEndsWithTheService) {
  ServeReady();
  Position wanted = projector_->position();
  wanted.next_offsets[0] = 1000;
  std::promise<void> asked;
  std::thread reader([&] {
    v1::GetUserResponse response;
    asked.set_value();
    const grpc::Status status = GetUser(ById("ada", EncodeConsistencyToken(wanted)), &response);
    // Which of the two depends on whether the call came in before the server closed its door.
    if (ReasonOf(status) != "") {
      EXPECT_EQ(ReasonOf(status), "SHUTTING_DOWN");
    }
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  });
  asked.get_future().wait();
  service_->Stop();
  reader.join();
}

TEST_F(GetUserTest, ForeignAndMangledTokensAreRefused) {
  ServeReady(2);
  v1::GetUserResponse response;
  EXPECT_EQ(ReasonOf(GetUser(ById("ada", "nonsense"), &response)), "INVALID_TOKEN");
  const Position other_log{.log_id = "0190a000-0000-7000-8000-000000000002", .next_offsets = {0, 0}};
  const grpc::Status status = GetUser(ById("ada", EncodeConsistencyToken(other_log)), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "FOREIGN_TOKEN");
  const Position other_partitions{.log_id = kLogId, .next_offsets = {0}};
  EXPECT_EQ(ReasonOf(GetUser(ById("ada", EncodeConsistencyToken(other_partitions)), &response)), "FOREIGN_TOKEN");
}

TEST_F(GetUserTest, OpenDeadLetterHoldsUpReadsAboutItsUserOnly) {
  ServeReady();
  projector_->Commit([&] {
    projector_->Put("ada", "ada@example.com");
    projector_->Put("bob", "bob@example.com");
  });
  const std::string before = EncodeConsistencyToken(projector_->position());
  projector_->Commit([&] { projector_->PutDeadLetter("ada"); });
  const std::string after = EncodeConsistencyToken(projector_->position());
  v1::GetUserResponse response;
  const grpc::Status status = GetUser(ById("ada", after), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "HELD_BY_DEAD_LETTER");
  EXPECT_TRUE(GetUser(ById("ada", before), &response).ok());
  EXPECT_TRUE(GetUser(ById("ada"), &response).ok());
  EXPECT_TRUE(GetUser(ById("bob", after), &response).ok());
  v1::GetUserRequest by_email;
  by_email.set_email("bob@example.com");
  by_email.set_read_after(after);
  EXPECT_EQ(ReasonOf(GetUser(by_email, &response)), "HELD_BY_DEAD_LETTER");
}

TEST_F(GetUserTest, BytesThatAreNoRequestAreAnInvalidField) {
  ServeReady();
  grpc::GenericStub generic(grpc::CreateChannel(service_->address(), grpc::InsecureChannelCredentials()));
  grpc::CompletionQueue queue;
  const grpc::Slice slice(std::string("\xff\xff\xff"));
  const grpc::ByteBuffer request(&slice, 1);
  for (const char* method : {"GetUser", "BatchGetUsers", "ListUsers", "WatchUsers", "GetReadModelStatus"}) {
    grpc::ClientContext context;
    auto call =
        generic.PrepareUnaryCall(&context, absl::StrCat("/roster.v1.UserQueryService/", method), request, &queue);
    call->StartCall();
    grpc::ByteBuffer response;
    grpc::Status status;
    call->Finish(&response, &status, nullptr);
    void* tag;
    bool ok;
    ASSERT_TRUE(queue.Next(&tag, &ok));
    EXPECT_EQ(ReasonOf(status), "INVALID_FIELD") << method;
  }
}

TEST_F(GetUserTest, BatchKeepsTheOrderNamesTheMissingAndAnswersRepeatsOnce) {
  ServeReady();
  projector_->Commit([&] {
    projector_->Put("a", "a@example.com");
    projector_->Put("b", "b@example.com");
    projector_->Put("gone", "gone@example.com");
    projector_->Delete("gone");
  });
  v1::BatchGetUsersRequest request;
  for (const char* user_id : {"b", "nobody", "a", "b", "gone", "nobody"}) request.add_user_ids(user_id);
  grpc::ClientContext context;
  v1::BatchGetUsersResponse response;
  ASSERT_TRUE(stub_->BatchGetUsers(&context, request, &response).ok());
  ASSERT_EQ(response.users_size(), 2);
  EXPECT_EQ(response.users(0).user_id(), "b");
  EXPECT_EQ(response.users(1).user_id(), "a");
  EXPECT_THAT(response.missing_user_ids(), ElementsAre("nobody", "gone"));
  EXPECT_EQ(DecodeConsistencyToken(response.consistency_token()).value(), projector_->position());
  request.set_show_deleted(true);
  grpc::ClientContext second;
  ASSERT_TRUE(stub_->BatchGetUsers(&second, request, &response).ok());
  EXPECT_EQ(response.users_size(), 3);
}

TEST_F(GetUserTest, BatchHasALimit) {
  ServeReady();
  v1::BatchGetUsersRequest request;
  for (int i = 0; i < 1000; ++i) request.add_user_ids(absl::StrCat("user-", i));
  v1::BatchGetUsersResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->BatchGetUsers(&context, request, &response).ok());
  EXPECT_EQ(response.missing_user_ids_size(), 1000);
  request.add_user_ids("one-more");
  grpc::ClientContext second;
  EXPECT_THAT(BadFieldsOf(stub_->BatchGetUsers(&second, request, &response)), ElementsAre("user_ids"));
}

TEST_F(GetUserTest, BatchThatAClientWouldNotTakeIsRefused) {
  ServeReady();
  v1::BatchGetUsersRequest request;
  projector_->Commit([&] {
    for (int i = 0; i < 400; ++i) {
      request.add_user_ids(absl::StrCat("user-", i));
      // Larger than the command service lets in, so that fewer do.
      projector_->Put(request.user_ids(i), absl::StrCat(i, "@", std::string(8 << 10, 'x')));
    }
  });
  v1::BatchGetUsersResponse response;
  grpc::ClientContext context;
  EXPECT_THAT(BadFieldsOf(stub_->BatchGetUsers(&context, request, &response)), ElementsAre("user_ids"));
  request.mutable_user_ids()->DeleteSubrange(300, 100);
  grpc::ClientContext second;
  ASSERT_TRUE(stub_->BatchGetUsers(&second, request, &response).ok());
  EXPECT_EQ(response.users_size(), 300);
}

TEST_F(GetUserTest, StatusTellsPositionCountsAndDeadLetters) {
  ServeReady(2);
  projector_->Commit([&] {
    projector_->Put("a", "a@example.com");
    projector_->Put("b", "b@example.com", v1::USER_STATUS_INACTIVE);
    projector_->Put("c", "c@example.com");
    projector_->Delete("c");
    projector_->PutDeadLetter("b");
  });
  grpc::ClientContext context;
  v1::GetReadModelStatusResponse status;
  ASSERT_TRUE(stub_->GetReadModelStatus(&context, {}, &status).ok());
  EXPECT_EQ(status.log_id(), kLogId);
  ASSERT_EQ(status.positions_size(), 2);
  EXPECT_EQ(status.positions(1).next_offset(), projector_->position().next_offsets[1]);
  EXPECT_EQ(DecodeConsistencyToken(status.consistency_token()).value(), projector_->position());
  EXPECT_TRUE(status.has_fresh_as_of());
  std::map<int, int64_t> counts;
  for (const auto& count : status.user_counts()) counts[count.status()] = count.count();
  EXPECT_EQ(counts, (std::map<int, int64_t>{{1, 1}, {2, 1}, {3, 1}}));
  EXPECT_EQ(status.open_dead_letters(), 1);
  EXPECT_THAT(status.dead_letter_user_ids(), ElementsAre("b"));
}

}  // namespace
}  // namespace roster::query_service
