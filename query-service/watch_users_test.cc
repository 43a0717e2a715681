#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/consistency_token.h"
#include "query-service/query_service_for_test.h"
#include "query-service/resume_token.h"
#include "query-service/watch_batch.h"
#include "query-service/watch_for_test.h"

namespace roster::query_service {
namespace {

using WatchUsersTest = QueryServiceTest;

TEST_F(WatchUsersTest, SendsLiveUsersThenSyncedThenChangesWithDeletions) {
  ServeReady();
  projector_->Commit([&] {
    projector_->Put("b", "b@example.com");
    projector_->Put("a", "a@example.com");
    projector_->Put("gone", "gone@example.com");
    projector_->Delete("gone");
  });
  Watch watch(*stub_);
  EXPECT_EQ(watch.NextName(), "a");
  EXPECT_EQ(watch.NextName(), "b");
  EXPECT_EQ(watch.NextName(), "synced");
  projector_->Commit([&] { projector_->Put("c", "c@example.com"); });
  EXPECT_EQ(watch.NextName(), "c");
  projector_->Commit([&] { projector_->Delete("a"); });
  const auto message = watch.Next();
  ASSERT_TRUE(message);
  ASSERT_EQ(message->users_size(), 1);
  EXPECT_EQ(message->users(0).user_id(), "a");
  EXPECT_EQ(message->users(0).status(), v1::USER_STATUS_DELETED);
}

TEST_F(WatchUsersTest, SeveralChangesOfAUserInOneCommitAreMerged) {
  ServeReady(3);
  Watch watch(*stub_);
  EXPECT_EQ(watch.NextName(), "synced");
  projector_->Commit([&] {
    for (int i = 0; i < 10; ++i) projector_->Put("a", absl::StrCat("a", i, "@example.com"));
  });
  const auto message = watch.Next();
  ASSERT_TRUE(message);
  ASSERT_EQ(message->users_size(), 1);
  EXPECT_EQ(message->users(0).version(), 10);
  EXPECT_EQ(message->users(0).email(), "a9@example.com");
  projector_->Commit([&] { projector_->Put("b", "b@example.com"); });
  EXPECT_EQ(watch.NextName(), "b");
}

TEST_F(WatchUsersTest, IdleIsSentWhileNothingChanges) {
  options_.watch_idle_ms = 10;
  ServeReady();
  Watch watch(*stub_);
  EXPECT_EQ(watch.NextName(), "synced");
  const auto message = watch.Next();
  ASSERT_TRUE(message && message->has_idle());
  EXPECT_NE(message->resume_token(), "");
  EXPECT_GT(message->idle().fresh_as_of().seconds(), 0);
}

TEST_F(WatchUsersTest, ResumesInTheMiddleOfTheFirstListing) {
  ServeReady(2);
  projector_->Commit([&] {
    for (int i = 0; i < 1000; ++i) projector_->Put(absl::StrFormat("u%04d", i), absl::StrFormat("m%d@example.com", i));
  });
  const auto first = Watch(*stub_).Next();
  ASSERT_TRUE(first && first->users_size() == kMaxWatchUsers);
  // One of those sent and one of those to come goes meanwhile.
  projector_->Commit([&] {
    projector_->Delete("u0100");
    projector_->Delete("u0900");
  });
  Watch watch(*stub_, first->resume_token());
  for (int i = kMaxWatchUsers; i < 1000; ++i) {
    if (i != 900) {
      ASSERT_EQ(watch.NextName(), absl::StrFormat("u%04d", i));
    }
  }
  std::set<std::string> deleted = {watch.NextName(), watch.NextName()};
  EXPECT_EQ(deleted, (std::set<std::string>{"u0100", "u0900"}));
  EXPECT_EQ(watch.NextName(), "synced");
}

TEST_F(WatchUsersTest, ListingGoesThroughManyDeletedUsers) {
  ServeReady();
  projector_->Commit([&] {
    for (int i = 0; i < 10'000; ++i) {
      const std::string user_id = absl::StrFormat("u%05d", i);
      projector_->Put(user_id, absl::StrFormat("m%d@example.com", i));
      projector_->Delete(user_id);
    }
    projector_->Put("z", "z@example.com");
  });
  Watch watch(*stub_);
  EXPECT_EQ(watch.NextName(), "z");
  EXPECT_EQ(watch.NextName(), "synced");
}

TEST_F(WatchUsersTest, TokenBelowTheChangesKeptIsTooOld) {
  ServeReady();
  projector_->Commit([&] { projector_->Put("a", "a@example.com"); });
  const std::string token = Watch(*stub_).TokenWhenSynced();
  projector_->Commit([&] { projector_->Put("b", "b@example.com"); });
  projector_->Commit([&] { ASSERT_EQ(projector_->writer().PruneChanges(absl::InfiniteFuture(), 100).value(), 2); });
  const grpc::Status status = Watch(*stub_, token).Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReasonOf(status), "RESUME_TOKEN_TOO_OLD");
}

TEST_F(WatchUsersTest, RedrivenDeadLetterMakesWatchesListAgain) {
  ServeReady();
  Watch watch(*stub_);
  const auto synced = watch.Next();
  ASSERT_TRUE(synced && synced->has_synced());
  projector_->Commit([&] { ASSERT_TRUE(projector_->writer().MoveChangesHorizonToPosition().ok()); });
  EXPECT_EQ(ReasonOf(watch.Finish()), "RESUME_TOKEN_TOO_OLD");
  EXPECT_EQ(ReasonOf(Watch(*stub_, synced->resume_token()).Finish()), "RESUME_TOKEN_TOO_OLD");
  Watch fresh(*stub_);
  EXPECT_EQ(fresh.NextName(), "synced");
}

TEST_F(WatchUsersTest, ForeignAndMangledTokensAreRefused) {
  ServeReady();
  EXPECT_EQ(ReasonOf(Watch(*stub_, "nonsense").Finish()), "INVALID_TOKEN");
  EXPECT_EQ(ReasonOf(Watch(*stub_, EncodeConsistencyToken(projector_->position())).Finish()), "INVALID_TOKEN");
  WatchPlace place{.position = projector_->position()};
  place.position.log_id = "0190a000-0000-7000-8000-000000000002";
  const grpc::Status status = Watch(*stub_, EncodeResumeToken(place)).Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(status), "FOREIGN_TOKEN");
  place.position = {.log_id = kLogId, .next_offsets = {0, 0, 0}};
  EXPECT_EQ(ReasonOf(Watch(*stub_, EncodeResumeToken(place)).Finish()), "FOREIGN_TOKEN");
  EXPECT_EQ(ReasonOf(Watch(*stub_, EncodeResumeToken({.position = projector_->position()}),
                           EncodeConsistencyToken(projector_->position()))
                         .Finish()),
            "INVALID_FIELD");
}

TEST_F(WatchUsersTest, EveryManglingOfATokenIsAnAnswerNotACrash) {
  ServeReady();
  const std::string token =
      EncodeResumeToken({.position = projector_->position(), .listing = true, .next_user_id = "u"});
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    std::string mangled = token;
    mangled[random() % mangled.size()] = static_cast<char>('!' + random() % 90);
    Watch watch(*stub_, mangled);
    watch.Cancel();
    watch.Finish();
  }
  v1::GetUserResponse response;
  EXPECT_EQ(ReasonOf(GetUser(ById("nobody"), &response)), "USER_NOT_FOUND");
}

TEST_F(WatchUsersTest, TokenAheadOfTheFileWaits) {
  ServeReady();
  WatchPlace place{.position = projector_->position()};
  ++place.position.next_offsets[0];
  Watch watch(*stub_, EncodeResumeToken(place));
  projector_->Commit([&] { projector_->Put("before", "b@example.com"); });
  projector_->Commit([&] { projector_->Put("after", "a@example.com"); });
  std::string name;
  do {
    name = watch.NextName();
    ASSERT_NE(name, "before");
  } while (name == "synced");
  EXPECT_EQ(name, "after");
}

TEST_F(WatchUsersTest, ReadAfterDelaysTheListing) {
  ServeReady();
  Position wanted = projector_->position();
  ++wanted.next_offsets[0];
  Watch watch(*stub_, "", EncodeConsistencyToken(wanted));
  projector_->Commit([&] { projector_->Put("a", "a@example.com"); });
  EXPECT_EQ(watch.NextName(), "a");
  EXPECT_EQ(watch.NextName(), "synced");
}

TEST_F(WatchUsersTest, StoppingEndsTheWatchWithALastTokenThatResumes) {
  ServeReady();
  projector_->Commit([&] { projector_->Put("a", "a@example.com"); });
  std::string token;
  {
    Watch watch(*stub_);
    EXPECT_EQ(watch.NextName(), "a");
    EXPECT_EQ(watch.NextName(), "synced");
    std::thread stopper([&] { service_->Stop(); });
    const auto last = watch.Next();
    ASSERT_TRUE(last && last->has_idle());
    token = last->resume_token();
    const grpc::Status status = watch.Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReasonOf(status), "SHUTTING_DOWN");
    EXPECT_TRUE(HasRetryInfo(status));
    stopper.join();
  }
  projector_->Commit([&] { projector_->Put("b", "b@example.com"); });
  service_ = nullptr;
  Serve();
  Watch watch(*stub_, token);
  EXPECT_EQ(watch.NextName(), "b");
  EXPECT_EQ(watch.NextName(), "synced");
}

TEST_F(WatchUsersTest, MoreThanTheLimitIsOverloaded) {
  options_.max_watches = 1;
  ServeReady();
  {
    Watch first(*stub_);
    EXPECT_EQ(first.NextName(), "synced");
    const grpc::Status status = Watch(*stub_).Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(ReasonOf(status), "OVERLOADED");
    EXPECT_TRUE(HasRetryInfo(status));
  }
  // The place is free again once the server has noticed that the first has gone.
  grpc::Status status;
  std::string name;
  do {
    name = Watch(*stub_).NextName();
  } while (name == "end");
  EXPECT_EQ(name, "synced");
}

}  // namespace
}  // namespace roster::query_service
