// How changes come together in messages, and what watches share.
#include <atomic>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "query-service/query_service_for_test.h"
#include "query-service/watch_batch.h"
#include "query-service/watch_for_test.h"

namespace roster::query_service {
namespace {

using WatchChangesTest = QueryServiceTest;

TEST_F(WatchChangesTest, ChangesThatAreThereComeInOneMessageAndItsTokenGoesOnBehindThem) {
  ServeReady(3);
  const std::string before = Watch(*stub_).TokenWhenSynced();
  projector_->Commit([&] {
    for (int i = 0; i < 20; ++i) projector_->Put(absl::StrCat("u", i), absl::StrCat("u", i, "@example.com"));
  });
  const auto changes = Watch(*stub_, before).Next();
  ASSERT_TRUE(changes);
  EXPECT_EQ(changes->users_size(), 20);
  projector_->Commit([&] { projector_->Put("next", "next@example.com"); });
  Watch behind(*stub_, changes->resume_token());
  EXPECT_EQ(behind.NextName(), "next");
  EXPECT_EQ(behind.NextName(), "synced");
}

TEST_F(WatchChangesTest, MessagesStayWithinTheirLimits) {
  constexpr int kSmall = 700;
  constexpr int kBig = 200;
  ServeReady(3);
  const std::string before = Watch(*stub_).TokenWhenSynced();
  projector_->Commit([&] {
    for (int i = 0; i < kSmall; ++i) projector_->Put(absl::StrCat("s", i), absl::StrCat("s", i, "@example.com"));
    for (int i = 0; i < kBig; ++i) projector_->Put(absl::StrCat("b", i), absl::StrCat(i, std::string(6000, '@')));
    projector_->Put("huge", std::string(kMaxWatchBytes, '@'));
  });
  for (const std::string& token : {std::string(), before}) {
    Watch watch(*stub_, token);
    std::set<std::string> seen;
    for (auto message = watch.Next(); message && !message->has_synced(); message = watch.Next()) {
      size_t bytes = 0;
      for (const v1::User& user : message->users()) {
        bytes += user.ByteSizeLong();
        EXPECT_TRUE(seen.insert(user.user_id()).second) << user.user_id();
      }
      EXPECT_LE(message->users_size(), kMaxWatchUsers);
      EXPECT_TRUE(bytes <= kMaxWatchBytes || message->users_size() == 1) << bytes;
    }
    EXPECT_EQ(seen.size(), size_t{kSmall + kBig + 1});
  }
}

TEST_F(WatchChangesTest, NoPartitionWaitsUntilAnotherIsThrough) {
  ServeReady(3);
  const std::string before = Watch(*stub_).TokenWhenSynced();
  std::set<int> partitions;
  projector_->Commit([&] {
    for (int i = 0; i < 3000; ++i) projector_->Put(absl::StrCat("u", i), absl::StrCat("u", i, "@example.com"));
  });
  const auto message = Watch(*stub_, before).Next();
  ASSERT_TRUE(message);
  for (const v1::User& user : message->users()) partitions.insert(projector_->PartitionOf(user.user_id()));
  EXPECT_EQ(message->users_size(), kMaxWatchUsers);
  EXPECT_EQ(partitions.size(), 3u);
}

TEST_F(WatchChangesTest, StoppingWhileChangesWaitToShareAMessageEndsTheWatchBeforeThem) {
  // Longer than any test: what comes after the first change waits.
  options_.watch_pace = absl::Hours(10'000);
  ServeReady();
  std::string token;
  {
    Watch watch(*stub_);
    EXPECT_EQ(watch.NextName(), "synced");
    projector_->Commit([&] { projector_->Put("a", "a@example.com"); });
    EXPECT_EQ(watch.NextName(), "a");
    projector_->Commit([&] { projector_->Put("b", "b@example.com"); });
    std::thread stopper([&] { service_->Stop(); });
    const auto last = watch.Next();
    ASSERT_TRUE(last && last->has_idle());
    token = last->resume_token();
    EXPECT_EQ(ReasonOf(watch.Finish()), "SHUTTING_DOWN");
    stopper.join();
  }
  service_ = nullptr;
  Serve();
  Watch watch(*stub_, token);
  EXPECT_EQ(watch.NextName(), "b");
  EXPECT_EQ(watch.NextName(), "synced");
}

// Watches, each read in a thread of its own, until it has a user named "last".
class Followers {
 public:
  explicit Followers(v1::UserQueryService::Stub& stub) : stub_(stub) {}

  void Add(const std::string& token) {
    mirrors_.push_back(std::make_unique<Mirror>());
    threads_.emplace_back([this, token, &mirror = *mirrors_.back()] {
      Watch watch(stub_, token);
      while (mirror.users.count("last") == 0) {
        const auto message = watch.Next();
        if (!message || message->has_synced()) ++synced_or_ended_;
        if (!message) return;
        mirror.Take(*message);
      }
    });
  }
  int synced_or_ended() const { return synced_or_ended_; }
  const std::vector<std::unique_ptr<Mirror>>& Join() {
    for (std::thread& thread : threads_) thread.join();
    return mirrors_;
  }

 private:
  v1::UserQueryService::Stub& stub_;
  std::atomic<int> synced_or_ended_ = 0;
  std::vector<std::unique_ptr<Mirror>> mirrors_;
  std::vector<std::thread> threads_;
};

// Watches that follow, begin, and resume from long ago all come to share their reads; none may miss a change by it, or
// go back.
TEST_F(WatchChangesTest, ManyWatchesThatBeganAnywhereAllSeeEveryUsersLastState) {
  constexpr int kUsers = 400;
  constexpr int kAtOnce = 40;
  ServeReady(3);
  std::mt19937 random(3);
  const auto change_some = [&] {
    projector_->Commit([&] {
      for (int i = 0; i < 30; ++i) {
        const std::string user_id = absl::StrCat("u", random() % kUsers);
        projector_->Put(user_id, absl::StrCat(user_id, "-", random(), "@example.com"));
      }
    });
  };
  const std::string long_ago = Watch(*stub_).TokenWhenSynced();
  for (int i = 0; i < 60; ++i) change_some();
  const std::string head = Watch(*stub_).TokenWhenSynced();
  Followers followers(*stub_);
  for (int i = 0; i < kAtOnce; ++i) followers.Add(i % 4 == 0 ? "" : i % 4 == 1 ? long_ago : head);
  for (int i = 0; i < 100 || followers.synced_or_ended() < kAtOnce; ++i) change_some();
  for (int i = 0; i < 24; ++i) {
    followers.Add(i % 3 == 0 ? "" : i % 3 == 1 ? long_ago : head);
    change_some();
  }
  for (int i = 0; i < kUsers; ++i) {
    projector_->Commit([&] { projector_->Put(absl::StrCat("u", i), absl::StrCat("u", i, "-end@example.com")); });
  }
  projector_->Commit([&] { projector_->Put("last", "last@example.com"); });
  for (const auto& mirror : followers.Join()) {
    EXPECT_FALSE(mirror->went_back);
    // In another partition than "last" there may be changes that come after it.
    Watch rest(*stub_, mirror->token);
    for (auto message = rest.Next(); message && !message->has_synced(); message = rest.Next()) mirror->Take(*message);
    mirror->ExpectSame(projector_->users());
  }
}

TEST_F(WatchChangesTest, WatchCutAHundredTimesAndResumedSeesEveryUsersLastState) {
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
    const int messages = 1 + static_cast<int>(random() % 5);
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
  mirror.ExpectSame(projector_->users());
}

}  // namespace
}  // namespace roster::query_service
