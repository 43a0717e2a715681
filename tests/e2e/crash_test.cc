// kill -9 of any process at any moment, under load: nothing acknowledged is lost, nothing is applied twice, and both
// models come back equal to the log.
#include <cstdlib>
#include <filesystem>
#include <random>

#include "base/consistency_token.h"
#include "clients/cpp/command_client.h"
#include "tests/e2e/e2e_test.h"
#include "tests/support/history.h"
#include "tests/support/load.h"

namespace roster::test {
namespace {

int KillsToMake() {
  const char* kills = std::getenv("ROSTER_TEST_KILLS");
  return kills == nullptr ? 50 : std::atoi(kills);
}

class CrashTest : public EndToEndTest {
 protected:
  void KillAndRestart(int which) {
    switch (which) {
      case 0:
        processes_.command_service().Kill();
        return processes_.StartCommandService();
      case 1:
        processes_.projector().Kill();
        return processes_.StartProjector();
      default:
        processes_.query_service().Kill();
        return processes_.StartQueryService();
    }
  }

  // A token that covers everything acknowledged: of a write that comes after it.
  std::string TokenOfNow() {
    client::Endpoints endpoints("command service", {processes_.command_address()}, grpc::InsecureChannelCredentials());
    client::CommandClient client(endpoints, {.timeout = absl::Minutes(2)});
    v1::SignUpUserRequest request;
    request.set_email("last-" + std::to_string(++tokens_) + "@example.com");
    const auto response = client.SignUpUser(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->consistency_token() : "";
  }

  void ExpectReadModelEqualsTheLog() {
    const std::string token = TokenOfNow();
    ASSERT_TRUE(processes_.WaitUntilServing());
    EXPECT_EQ(CompareUsers(ListAll(token), FoldUsers(ReadEvents(*processes_.OpenLog()))), std::vector<std::string>());
  }

  // What was acknowledged under a request_id is answered again.
  void ExpectRequestIdsAnswerAsAtFirst(const History& history) {
    std::map<std::string, Acknowledged> sign_ups;
    for (const Acknowledged& acknowledged : history.acknowledged()) {
      if (acknowledged.user.version() == 1) sign_ups[acknowledged.request_id] = acknowledged;
    }
    int asked = 0;
    for (const auto& [request_id, first] : sign_ups) {
      if (++asked > 200) break;
      Context context;
      v1::SignUpUserRequest request;
      v1::SignUpUserResponse response;
      request.set_request_id(request_id);
      request.set_email(first.user.email());
      const grpc::Status status = commands_->SignUpUser(&context, request, &response);
      ASSERT_TRUE(status.ok()) << status.error_message();
      EXPECT_EQ(response.event_id(), first.event_id);
      EXPECT_EQ(response.partition(), first.location.partition);
      EXPECT_EQ(response.offset(), first.location.offset);
      EXPECT_EQ(response.user().DebugString(), first.user.DebugString());
    }
    EXPECT_GT(asked, 0);
  }

  int tokens_ = 0;
};

TEST_P(CrashTest, NothingAcknowledgedIsLostNorAppliedTwiceWhateverIsKilled) {
  // The lead of a killed command service is free only after this.
  if (GetParam() == LogKind::kKafka) processes_.AddCommandServiceFlag("--kafka-property=session.timeout.ms=1500");
  StartAll();
  History history;
  std::mt19937 random(7);
  {
    Load load({processes_.command_address()}, 8, history);
    for (int kill = 0; kill < KillsToMake(); ++kill) {
      // Some progress between kills; how far it gets before the next one is up to chance.
      const int64_t until = load.commands() + 1 + static_cast<int64_t>(random() % 100);
      ASSERT_TRUE(Eventually([&] { return load.commands() >= until; })) << "no progress after kill " << kill << "\n"
                                                                        << processes_.command_service().Log();
      KillAndRestart(static_cast<int>(random() % 3));
    }
  }
  ASSERT_TRUE(processes_.WaitUntilServing()) << processes_.projector().Log();
  const std::vector<LoggedEvent> events = ReadEvents(*processes_.OpenLog());
  EXPECT_EQ(CheckLog(events, history), std::vector<std::string>());
  EXPECT_GE(events.size(), history.acknowledged().size());
  RecordProperty("acknowledged", static_cast<int>(history.acknowledged().size()));
  ExpectReadModelEqualsTheLog();
  ExpectRequestIdsAnswerAsAtFirst(history);

  // Both models come back from the log alone.
  processes_.command_service().Kill();
  processes_.projector().Kill();
  processes_.query_service().Kill();
  std::filesystem::remove_all(processes_.read_model());
  for (const char* suffix : {"", "-wal", "-shm", ".state"}) std::filesystem::remove(processes_.write_model() + suffix);
  processes_.StartAll();
  ASSERT_TRUE(processes_.WaitUntilServing()) << processes_.command_service().Log();
  ExpectReadModelEqualsTheLog();
  ExpectRequestIdsAnswerAsAtFirst(history);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(OnThe, CrashTest, LogsUnderTest(), LogName);

}  // namespace roster::test
