#include <filesystem>
#include <fstream>

#include "absl/strings/str_format.h"
#include "base/consistency_token.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "query-service/query_service_for_test.h"

namespace roster::query_service {
namespace {

using ReadinessTest = QueryServiceTest;

// The reason of a GetUser for nobody: "USER_NOT_FOUND" once the service answers.
#define REASON_OF_A_READ()                               \
  [&] {                                                  \
    v1::GetUserResponse response;                        \
    return ReasonOf(GetUser(ById("nobody"), &response)); \
  }()

TEST_F(ReadinessTest, NotReadyWithoutAFileThenReadyByItself) {
  Serve();
  EXPECT_EQ(REASON_OF_A_READ(), "NOT_READY");
  EXPECT_TRUE(std::filesystem::is_empty(options_.read_model));
  projector_ = std::make_unique<TestProjector>(options_.read_model);
  projector_->Commit([] {}, /*fresh=*/false);
  projector_->MakeCurrent();
  while (true) {
    grpc::ClientContext context;
    v1::GetReadModelStatusResponse status;
    if (!stub_->GetReadModelStatus(&context, {}, &status).ok()) continue;
    EXPECT_FALSE(status.has_fresh_as_of());
    break;
  }
  EXPECT_EQ(REASON_OF_A_READ(), "NOT_READY");
  projector_->Commit([&] { projector_->Put("ada", "ada@example.com"); });
  EXPECT_EQ(REASON_OF_A_READ(), "USER_NOT_FOUND");
}

TEST_F(ReadinessTest, FolderRemovedAndMadeAnewIsFollowed) {
  ServeReady();
  projector_->Commit([&] { projector_->Put("old", "old@example.com"); });
  EXPECT_EQ(REASON_OF_A_READ(), "USER_NOT_FOUND");
  projector_ = nullptr;
  std::filesystem::remove_all(options_.read_model);
  // Noticed within 10 ms, and by then not a crash.
  while (REASON_OF_A_READ() != "NOT_READY") {
  }
  MakeProjector();
  while (REASON_OF_A_READ() != "USER_NOT_FOUND") {
  }
  v1::GetUserResponse response;
  EXPECT_EQ(ReasonOf(GetUser(ById("old"), &response)), "USER_NOT_FOUND");
}

TEST_F(ReadinessTest, DamagedFileIsAnInternalErrorUntilItIsMadeAnew) {
  ServeReady();
  projector_ = nullptr;
  const read_model::Folder folder(options_.read_model);
  for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(folder.DatabasePath(1) + tail);
  std::ofstream(folder.DatabasePath(1)) << std::string(8192, 'x');
  while (REASON_OF_A_READ() != "INTERNAL") {
  }
  std::filesystem::remove_all(options_.read_model);
  MakeProjector();
  while (REASON_OF_A_READ() != "USER_NOT_FOUND") {
  }
}

TEST_F(ReadinessTest, DamagedCurrentFileIsAnErrorNotACrash) {
  ServeReady();
  std::ofstream(options_.read_model + "/current") << "nonsense\n";
  while (REASON_OF_A_READ() != "INTERNAL") {
  }
  projector_->MakeCurrent();
  while (REASON_OF_A_READ() != "USER_NOT_FOUND") {
  }
}

TEST_F(ReadinessTest, LostRingIsMadeUpForByALook) {
  ServeReady();
  grpc::ClientContext watch_context;
  auto watch = stub_->WatchUsers(&watch_context, {});
  v1::WatchUsersResponse message;
  ASSERT_TRUE(watch->Read(&message) && message.has_synced());
  // In the middle of a wait: the reads before this one have made the service look, and look no more.
  projector_->Commit([&] { projector_->Put("ada", "ada@example.com"); });
  ASSERT_TRUE(watch->Read(&message) && message.users(0).user_id() == "ada");
  projector_->CommitWithoutRinging([&] { projector_->Put("bob", "bob@example.com"); });
  v1::GetUserResponse response;
  const grpc::Status got = GetUser(ById("bob", EncodeConsistencyToken(projector_->position())), &response);
  EXPECT_TRUE(got.ok()) << got.error_message();
  ASSERT_TRUE(watch->Read(&message));
  EXPECT_EQ(message.users(0).user_id(), "bob");
  watch_context.TryCancel();
}

// After a power cut the read model may stand at an earlier commit: its disk is synced now and then only.
TEST_F(ReadinessTest, ReadModelThatWentBackIsWaitedForUnderAnOpenWatch) {
  ServeReady();
  const auto first_two = [](TestProjector& projector) {
    projector.Commit([&] {
      projector.Put("ada", "ada@example.com");
      projector.Put("bob", "bob@example.com");
    });
  };
  const auto third = [](TestProjector& projector) { projector.Put("cyd", "cyd@example.com"); };
  first_two(*projector_);
  projector_->Commit([&] { third(*projector_); });
  const std::string token = EncodeConsistencyToken(projector_->position());
  grpc::ClientContext watch_context;
  auto watch = stub_->WatchUsers(&watch_context, {});
  v1::WatchUsersResponse message;
  std::set<std::string> watched;
  while (!message.has_synced() && watch->Read(&message)) {
    for (const v1::User& user : message.users()) watched.insert(user.user_id());
  }
  EXPECT_EQ(watched.count("cyd"), 1u);

  TestProjector earlier(options_.read_model, 1, /*generation=*/2);
  first_two(earlier);
  earlier.MakeCurrent();
  projector_ = nullptr;
  v1::GetUserResponse response;
  while (ReasonOf(GetUser(ById("cyd"), &response)) != "USER_NOT_FOUND") {
  }
  EXPECT_EQ(ReasonOf(GetUser(ById("ada", token), &response, absl::Milliseconds(300))), "NOT_YET_VISIBLE");

  // The log has it all: the fold comes to the same place again, and goes on.
  earlier.Commit([&] { third(earlier); });
  EXPECT_TRUE(GetUser(ById("cyd", token), &response).ok());
  earlier.Commit([&] { earlier.Put("dan", "dan@example.com"); });
  ASSERT_TRUE(watch->Read(&message));
  EXPECT_EQ(message.users(0).user_id(), "dan");
  watch_context.TryCancel();
}

TEST_F(ReadinessTest, NewGenerationIsTakenWithoutAnErrorToListsWatchesAndReads) {
  ServeReady();
  projector_->Commit([&] {
    for (int i = 0; i < 3000; ++i) {
      projector_->Put(absl::StrFormat("u%04d", i), std::string(6000, 'a') + absl::StrFormat("%d@example.com", i));
    }
  });
  v1::ListUsersRequest request;
  request.set_order_by("user_id");
  request.set_page_size(10);
  grpc::ClientContext list_context;
  auto list = stub_->ListUsers(&list_context, request);
  v1::ListUsersResponse page;
  ASSERT_TRUE(list->Read(&page));
  int listed = page.users_size();
  grpc::ClientContext watch_context;
  auto watch = stub_->WatchUsers(&watch_context, {});
  v1::WatchUsersResponse message;
  ASSERT_TRUE(watch->Read(&message));

  // The same events folded anew, and one more, in a file of its own.
  TestProjector rebuilt(options_.read_model, 1, /*generation=*/2);
  rebuilt.Commit([&] {
    for (int i = 0; i < 3000; ++i) {
      rebuilt.Put(absl::StrFormat("u%04d", i), std::string(6000, 'a') + absl::StrFormat("%d@example.com", i));
    }
    rebuilt.Put("zoe", "zoe@example.com");
  });
  rebuilt.MakeCurrent();
  projector_ = nullptr;
  for (const char* tail : {"", "-wal", "-shm"}) {
    std::filesystem::remove(read_model::Folder(options_.read_model).DatabasePath(1) + tail);
  }

  v1::GetUserResponse response;
  const grpc::Status got = GetUser(ById("zoe", EncodeConsistencyToken(rebuilt.position())), &response);
  EXPECT_TRUE(got.ok()) << got.error_message();
  while (list->Read(&page)) listed += page.users_size();
  EXPECT_TRUE(list->Finish().ok());
  EXPECT_EQ(listed, 3001);
  std::set<std::string> watched;
  const auto take = [&] {
    for (const v1::User& user : message.users()) watched.insert(user.user_id());
  };
  take();
  while (!message.has_synced() && watch->Read(&message)) take();
  rebuilt.Commit([&] { rebuilt.Put("yan", "yan@example.com"); });
  while (watched.count("yan") == 0 && watch->Read(&message)) take();
  EXPECT_TRUE(watched.count("zoe") == 1 && watched.count("yan") == 1 && watched.count("u2999") == 1);
  watch_context.TryCancel();
}

}  // namespace
}  // namespace roster::query_service
