// Clients that mean harm beside one that does not (tests/hostile). How much they slow it down: `./dev bench --only
// hostile`.
#include <csignal>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/load/process_usage.h"
#include "gtest/gtest.h"
#include "tests/support/context.h"
#include "tests/support/guarded_roster.h"

namespace roster::test {
namespace {

constexpr absl::Duration kAttack = absl::Seconds(3);
// Beside SQLite's caches, which stay small here, and what gRPC may buffer.
constexpr int64_t kMostBytes = 300 << 20;

class HostileClientsTest : public testing::TestWithParam<const char*> {
 protected:
  HostileClientsTest() {
    roster_.StartAll();
    EXPECT_TRUE(roster_.WaitUntilServing());
    Connect();
  }

  void Connect() {
    commands_ = v1::UserCommandService::NewStub(ConnectPatiently(roster_.command_address()));
    queries_ = v1::UserQueryService::NewStub(ConnectPatiently(roster_.query_address()));
  }

  // Signs somebody up, and reads them; over connections of their own every now and then.
  void Use(int number) {
    if (number % 10 == 0) Connect();
    v1::SignUpUserRequest sign_up;
    sign_up.set_email(absl::StrCat("ann", number, "@example.com"));
    sign_up.set_request_id(absl::StrCat("sign-up-", number));
    v1::SignUpUserResponse signed_up;
    Context writing, reading;
    for (Context* context : {&writing, &reading}) context->AddMetadata("authorization", "Bearer " + token_);
    grpc::Status status = commands_->SignUpUser(&writing, sign_up, &signed_up);
    ASSERT_TRUE(status.ok()) << status.error_message();
    v1::GetUserRequest get;
    get.set_user_id(signed_up.user().user_id());
    get.set_read_after(signed_up.consistency_token());
    v1::GetUserResponse got;
    status = queries_->GetUser(&reading, get, &got);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  void ExpectModestMemory(Process& process) {
    ASSERT_FALSE(process.Ended());
    EXPECT_LT(bench::AnonymousBytesOf(process.pid()).value(), kMostBytes);
  }

  RosterProcesses roster_{LogKind::kEmbedded};
  const Guard guard_{roster_};
  const std::string token_ = guard_.TokenOf("ann");
  std::unique_ptr<v1::UserCommandService::Stub> commands_;
  std::unique_ptr<v1::UserQueryService::Stub> queries_;
};

TEST_P(HostileClientsTest, CannotStopTheServiceForOthersNorFillItsMemory) {
  const auto hostile = StartHostileClients(roster_, guard_, GetParam());
  int number = 0;
  for (const absl::Time end = absl::Now() + kAttack; absl::Now() < end && !HasFailure();) Use(++number);
  ExpectModestMemory(roster_.command_service());
  ExpectModestMemory(roster_.query_service());
  hostile->Signal(SIGTERM);
  EXPECT_EQ(hostile->Wait(), 0);
  Use(++number);
}

INSTANTIATE_TEST_SUITE_P(Attacks, HostileClientsTest,
                         testing::Values("idle connections", "half messages", "streams that are not read",
                                         "giant messages", "flood of sign-ups", "wrong tokens"));

}  // namespace
}  // namespace roster::test
