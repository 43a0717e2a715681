// Several replicas of the read side, each with a projector and a file of its own: they answer each other's tokens.
#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/e2e_test.h"

namespace roster::test {
namespace {

// More than a message of a watch holds.
constexpr int kUsers = 300;

class Replica {
 public:
  Replica(const RosterProcesses& processes, int number) {
    const std::string name = absl::StrCat("replica-", number);
    const std::string read_model = absl::StrCat("--read-model=", processes.File(name));
    projector = Process::Start({ProgramPath("roster-projector"), processes.log_flag(), read_model,
                                absl::StrCat("--kafka-group=", processes.topic(), name)},
                               processes.File(name + "-projector.log"));
    query_service = Process::Start({ProgramPath("roster-query-service"), "--listen=127.0.0.1:0", read_model},
                                   processes.File(name + "-query-service.log"));
    const auto address = query_service->WaitForLogField("listening", "address");
    EXPECT_TRUE(address.ok()) << query_service->Log();
    stub = v1::UserQueryService::NewStub(grpc::CreateChannel(address.value_or(""), grpc::InsecureChannelCredentials()));
  }

  std::unique_ptr<Process> projector;
  std::unique_ptr<Process> query_service;
  std::unique_ptr<v1::UserQueryService::Stub> stub;
};

// What one call to WatchUsers brought until `done` said that it was enough, or it ended.
struct Watched {
  std::vector<std::string> user_ids;
  std::string resume_token;
  grpc::Status status;
};

class ReplicasTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    processes_.StartCommandService();
    for (int i = 0; i < 3; ++i) replicas_.push_back(std::make_unique<Replica>(processes_, i));
    commands_ = v1::UserCommandService::NewStub(processes_.command_channel());
    for (int i = 0; i < kUsers; ++i) MustSignUp(absl::StrCat("user-", i));
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(Eventually([&] { return Get(i, "user-0", token_, absl::Seconds(5)) == ""; }))
          << replicas_[i]->projector->Log();
    }
  }

  void MustSignUp(const std::string& id) { token_ = test::MustSignUp(*commands_, id).consistency_token(); }

  // Empty where the user was found, else the reason.
  std::string Get(int replica, const std::string& id, const std::string& token, absl::Duration timeout) {
    Context context(timeout);
    v1::GetUserRequest request;
    v1::GetUserResponse response;
    request.set_user_id(id);
    request.set_read_after(token);
    const grpc::Status status = replicas_[replica]->stub->GetUser(&context, request, &response);
    if (status.ok()) last_read_ = response.consistency_token();
    return ReasonOf(status);
  }

  // One page; an empty `page_token` begins.
  std::string ListPage(int replica, std::string& page_token, std::vector<std::string>& ids, absl::Duration timeout) {
    Context context(timeout);
    v1::ListUsersRequest request;
    request.set_page_size(7);
    request.set_limit(7);
    request.set_page_token(page_token);
    auto stream = replicas_[replica]->stub->ListUsers(&context, request);
    for (v1::ListUsersResponse page; stream->Read(&page); page_token = page.next_page_token()) {
      for (const v1::User& user : page.users()) ids.push_back(user.user_id());
    }
    const grpc::Status status = stream->Finish();
    return ReasonOf(status);
  }

  template <typename Done>
  Watched Watch(int replica, const std::string& resume_token, absl::Duration timeout, Done done) {
    Context context(timeout);
    v1::WatchUsersRequest request;
    request.set_resume_token(resume_token);
    Watched watched{.resume_token = resume_token};
    auto stream = replicas_[replica]->stub->WatchUsers(&context, request);
    for (v1::WatchUsersResponse message; stream->Read(&message);) {
      watched.resume_token = message.resume_token();
      for (const v1::User& user : message.users()) watched.user_ids.push_back(user.user_id());
      if (done(message, watched)) context.TryCancel();
    }
    watched.status = stream->Finish();
    return watched;
  }

  RosterProcesses processes_{LogKind::kKafka, GetParam()};
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::unique_ptr<v1::UserCommandService::Stub> commands_;
  // Of the last write, and of the last read.
  std::string token_;
  std::string last_read_;
};

TEST_P(ReplicasTest, TokensOfOneHoldAtEveryOther) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Get(i, "user-1", token_, absl::Seconds(30)), "");
    ASSERT_EQ(Get((i + 1) % 3, "user-1", last_read_, absl::Seconds(30)), "");
  }

  std::string page_token;
  std::vector<std::string> ids;
  int replica = 0;
  do {
    ASSERT_EQ(ListPage(replica++ % 3, page_token, ids, absl::Seconds(30)), "");
  } while (!page_token.empty());
  EXPECT_EQ(ids.size(), size_t{kUsers});
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), size_t{kUsers});

  // The first listing begun at one, finished at another, and followed at a third.
  const Watched begun =
      Watch(0, "", absl::Seconds(30), [](const auto&, const Watched& watched) { return !watched.user_ids.empty(); });
  const Watched finished =
      Watch(1, begun.resume_token, absl::Seconds(30),
            [](const v1::WatchUsersResponse& message, const auto&) { return message.has_synced(); });
  EXPECT_LT(begun.user_ids.size(), size_t{kUsers});
  std::set<std::string> seen(begun.user_ids.begin(), begun.user_ids.end());
  seen.insert(finished.user_ids.begin(), finished.user_ids.end());
  EXPECT_GE(seen.size(), size_t{kUsers});
  MustSignUp("new");
  const Watched followed =
      Watch(2, finished.resume_token, absl::Seconds(30),
            [](const v1::WatchUsersResponse& message, const auto&) { return message.users_size() > 0; });
  EXPECT_EQ(followed.user_ids, std::vector<std::string>{"new"});
}

TEST_P(ReplicasTest, ReplicaThatLagsAnswersNothingOlderThanTheToken) {
  replicas_[1]->projector->Signal(SIGSTOP);
  MustSignUp("late");
  ASSERT_EQ(Get(0, "late", token_, absl::Seconds(30)), "");
  std::string page_token;
  std::vector<std::string> ids;
  ASSERT_EQ(ListPage(0, page_token, ids, absl::Seconds(30)), "");
  const Watched ahead = Watch(0, "", absl::Seconds(30),
                              [](const v1::WatchUsersResponse& message, const auto&) { return message.has_synced(); });

  constexpr absl::Duration kShort = absl::Seconds(1);
  EXPECT_EQ(Get(1, "late", token_, kShort), "NOT_YET_VISIBLE");
  EXPECT_EQ(Get(1, "user-1", last_read_, kShort), "NOT_YET_VISIBLE");
  const size_t first_page = ids.size();
  EXPECT_EQ(ListPage(1, page_token, ids, kShort), "NOT_YET_VISIBLE");
  EXPECT_EQ(ids.size(), first_page);
  const Watched waiting = Watch(1, ahead.resume_token, kShort, [](const auto&, const auto&) { return false; });
  EXPECT_TRUE(waiting.user_ids.empty());

  replicas_[1]->projector->Signal(SIGCONT);
  EXPECT_EQ(Get(1, "late", token_, absl::Seconds(30)), "");
  while (!page_token.empty()) ASSERT_EQ(ListPage(1, page_token, ids, absl::Seconds(30)), "");
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), size_t{kUsers + 1});
  MustSignUp("later");
  const Watched resumed =
      Watch(1, waiting.resume_token, absl::Seconds(30),
            [](const v1::WatchUsersResponse& message, const auto&) { return message.users_size() > 0; });
  EXPECT_EQ(resumed.user_ids, std::vector<std::string>{"later"});
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(OnKafka, ReplicasTest, testing::Values(1, 6),
                         [](const auto& info) { return absl::StrCat("Partitions", info.param); });

}  // namespace roster::test
