// Watches that are cut at random points, and resumed from the last message's token: at a service that was restarted, at
// another replica, after changes. The watcher ends with the state of the fold.
#include <map>
#include <memory>

#include "tests/property/random_users.h"
#include "tests/property/rounds.h"

namespace roster::query_service {
namespace {

using test::Random;

constexpr int kRounds = 6;
constexpr int kUsers = 40;
constexpr int kCuts = 25;

// A client that keeps what it has heard.
class Watcher {
 public:
  // Reads at most `messages`, or up to the message that all is sent; then the call is cut.
  void Read(v1::UserQueryService::Stub& stub, int messages) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
    v1::WatchUsersRequest request;
    request.set_resume_token(token_);
    const auto stream = stub.WatchUsers(&context, request);
    synced_ = false;
    v1::WatchUsersResponse message;
    for (; messages > 0 && !synced_; --messages) {
      if (!stream->Read(&message)) {
        ADD_FAILURE() << stream->Finish().error_message();
        return;
      }
      Take(message);
    }
    context.TryCancel();
    while (stream->Read(&message)) {
    }
    stream->Finish();
  }

  bool synced() const { return synced_; }
  const std::map<std::string, v1::User>& users() const { return users_; }

 private:
  void Take(const v1::WatchUsersResponse& message) {
    token_ = message.resume_token();
    synced_ = message.has_synced();
    for (const v1::User& user : message.users()) {
      v1::User& known = users_[user.user_id()];
      // A user may come twice, at a resumed place; never older than heard before.
      EXPECT_GE(user.version(), known.version()) << user.user_id();
      known = user;
    }
  }

  std::string token_;
  bool synced_ = false;
  std::map<std::string, v1::User> users_;
};

// A service in process for each round.
class Round : public QueryServiceTest {
 public:
  void TestBody() override {}

  void Run(Random& random) {
    options_.workers = 1;
    ServeReady(1 + random.Below(3));
    Watcher watcher;
    for (int cut = 0; cut < kCuts && !HasFailure(); ++cut) {
      for (int commits = random.Below(3); commits > 0; --commits) CommitSome(random);
      if (random.OneIn(8)) Restart();
      watcher.Read(*stub_, 1 + random.Below(30));
    }
    while (!watcher.synced() && !HasFailure()) watcher.Read(*stub_, 1000);
    ExpectSame(watcher);
  }

 private:
  void CommitSome(Random& random) {
    projector_->Commit([&] {
      for (int events = 1 + random.Below(15); events > 0; --events) test::PutSome(*projector_, random, kUsers);
    });
  }
  // The same read model, by another process as it were.
  void Restart() {
    stub_.reset();
    service_.reset();
    Serve();
  }

  void ExpectSame(const Watcher& watcher) {
    for (const auto& [user_id, user] : projector_->users()) {
      const auto heard = watcher.users().find(user_id);
      const bool deleted = user.status() == v1::USER_STATUS_DELETED;
      // Who was deleted before they were listed is not heard of.
      if (deleted && heard == watcher.users().end()) continue;
      ASSERT_TRUE(heard != watcher.users().end()) << user_id;
      EXPECT_EQ(heard->second.SerializeAsString(), user.SerializeAsString()) << user_id;
    }
    for (const auto& [user_id, user] : watcher.users()) EXPECT_EQ(projector_->users().count(user_id), 1u) << user_id;
  }
};

TEST(WatchProperty, WatcherWhoIsCutAnywhereEndsWithTheStateOfTheFold) {
  test::ForEachSeed(kRounds, [](Random& random) { Round().Run(random); });
}

}  // namespace
}  // namespace roster::query_service
