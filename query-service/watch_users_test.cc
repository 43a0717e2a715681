#include <atomic>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/consistency_token.h"
#include "gmock/gmock.h"
#include "query-service/query_service_for_test.h"
#include "query-service/resume_token.h"

namespace roster::query_service {
namespace {

using testing::IsEmpty;

// An open watch.
class Watch {
 public:
  Watch(v1::UserQueryService::Stub& stub, const std::string& resume_token = "", const std::string& read_after = "") {
    v1::WatchUsersRequest request;
    request.set_resume_token(resume_token);
    request.set_read_after(read_after);
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    stream_ = stub.WatchUsers(&context_, request);
  }
  ~Watch() {
    context_.TryCancel();
    if (stream_ != nullptr) Finish();
  }

  std::optional<v1::WatchUsersResponse> Next() {
    v1::WatchUsersResponse message;
    if (!stream_->Read(&message)) return std::nullopt;
    return message;
  }
  // user_id, "synced" or "idle" of the next message; "end" where there is none.
  std::string NextName() {
    const auto message = Next();
    if (!message) return "end";
    if (message->has_synced()) return "synced";
    return message->has_idle() ? "idle" : message->user().user_id();
  }
  void Cancel() { context_.TryCancel(); }
  grpc::Status Finish() {
    v1::WatchUsersResponse message;
    while (stream_->Read(&message)) {
    }
    const grpc::Status status = stream_->Finish();
    stream_ = nullptr;
    return status;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchUsersResponse>> stream_;
};

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
  EXPECT_EQ(message->user().user_id(), "a");
  EXPECT_EQ(message->user().status(), v1::USER_STATUS_DELETED);
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
  EXPECT_EQ(message->user().version(), 10);
  EXPECT_EQ(message->user().email(), "a9@example.com");
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
  std::string token;
  {
    Watch watch(*stub_);
    for (int i = 0; i < 300; ++i) token = watch.Next()->resume_token();
  }
  // One of those sent and one of those to come goes meanwhile.
  projector_->Commit([&] {
    projector_->Delete("u0100");
    projector_->Delete("u0900");
  });
  Watch watch(*stub_, token);
  for (int i = 300; i < 1000; ++i) {
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
  std::string token;
  {
    Watch watch(*stub_);
    while (true) {
      const auto message = watch.Next();
      token = message->resume_token();
      if (message->has_synced()) break;
    }
  }
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

// What a client knows of the users, from a watch.
struct Mirror {
  void Take(const v1::WatchUsersResponse& message) {
    token = message.resume_token();
    if (!message.has_user()) return;
    v1::User& known = users[message.user().user_id()];
    if (message.user().version() >= known.version()) known = message.user();
  }
  std::string token;
  std::map<std::string, v1::User> users;
};

TEST_F(WatchUsersTest, WatchCutAHundredTimesAndResumedSeesEveryUsersLastState) {
  constexpr int kUsers = 800;
  ServeReady(3);
  projector_->Commit([&] {
    for (int i = 0; i < kUsers; ++i) projector_->Put(absl::StrCat("u", i), absl::StrCat("u", i, "@example.com"));
  });
  // From here on every user is to be heard of, deletions included.
  Mirror mirror;
  mirror.Take(*Watch(*stub_).Next());
  std::atomic<bool> done = false;
  std::atomic<int> cuts = 0;
  std::thread writer([&] {
    std::mt19937 random(7);
    for (int commit = 0; commit < 200 || cuts < 100; ++commit) {
      projector_->Commit([&] {
        for (int i = 0; i < 20; ++i) {
          const std::string user_id = absl::StrCat("u", random() % (kUsers + commit % 400));
          const auto known = projector_->users().find(user_id);
          if (known != projector_->users().end() && known->second.status() == v1::USER_STATUS_DELETED) continue;
          if (random() % 8 == 0 && known != projector_->users().end()) {
            projector_->Delete(user_id);
          } else {
            projector_->Put(user_id, absl::StrCat(user_id, "-", commit, "@example.com"));
          }
        }
      });
    }
    done = true;
  });
  std::mt19937 random(11);
  for (; cuts < 100; ++cuts) {
    Watch watch(*stub_, mirror.token);
    const int messages = 1 + static_cast<int>(random() % 60);
    for (int i = 0; i < messages; ++i) {
      const auto message = watch.Next();
      ASSERT_TRUE(message);
      mirror.Take(*message);
      // After the writer's end a watch may have nothing more to say.
      if (message->has_synced() && done) break;
    }
  }
  writer.join();
  Watch watch(*stub_, mirror.token);
  for (auto message = watch.Next();; message = watch.Next()) {
    ASSERT_TRUE(message);
    mirror.Take(*message);
    if (message->has_synced()) break;
  }
  for (const auto& [user_id, user] : projector_->users()) {
    ASSERT_EQ(mirror.users[user_id].version(), user.version()) << user_id;
    ASSERT_EQ(mirror.users[user_id].status(), user.status()) << user_id;
    ASSERT_EQ(mirror.users[user_id].email(), user.email()) << user_id;
  }
}

}  // namespace
}  // namespace roster::query_service
