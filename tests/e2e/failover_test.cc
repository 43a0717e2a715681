// Several command services on one Kafka topic: one leads, the others stand by, and the lead passes on when the leader
// stops, dies or is not heard from.
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cpp/command_client.h"
#include "clients/cpp/health.h"
#include "gmock/gmock.h"
#include "tests/e2e/e2e_test.h"
#include "tests/support/history.h"
#include "tests/support/load.h"

namespace roster::test {
namespace {

using Stub = v1::UserCommandService::Stub;

std::string LeaderNamedBy(const grpc::Status& error) {
  const auto info = rpc::DetailOf<google::rpc::ErrorInfo>(error);
  return info && info->metadata().contains("leader") ? info->metadata().at("leader") : "";
}

class FailoverTest : public EndToEndTest {
 protected:
  struct CommandService {
    std::string name;
    std::string address = "127.0.0.1:0";
    std::unique_ptr<Process> process;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<Stub> stub;
  };

  void Start(int count) {
    for (int i = 0; i < count; ++i) {
      services_.push_back({.name = absl::StrCat("command-", i)});
      StartAgain(i);
    }
    ASSERT_TRUE(Eventually([&] { return LeaderOf() >= 0; })) << Logs();
  }
  void StartAgain(int i) {
    CommandService& service = services_[i];
    service.process = processes_.StartCommandServiceNamed(service.name, service.address);
    service.channel = grpc::CreateChannel(service.address, grpc::InsecureChannelCredentials());
    service.stub = v1::UserCommandService::NewStub(service.channel);
  }

  std::string Health(int i) {
    const CommandService& service = services_[i];
    return client::CheckHealth({service.address, service.channel}, client::kCommandServiceName, absl::Milliseconds(500))
        .value_or("unreachable");
  }
  // The one that is serving; -1 where none is. Those in `except` are not asked.
  int LeaderOf(int except = -1) {
    for (int i = 0; i < static_cast<int>(services_.size()); ++i) {
      if (i != except && Health(i) == "SERVING") return i;
    }
    return -1;
  }
  int AwaitLeader(int except = -1) {
    int leader = -1;
    EXPECT_TRUE(Eventually([&] { return (leader = LeaderOf(except)) >= 0; })) << Logs();
    return leader;
  }
  std::vector<std::string> Addresses() const {
    std::vector<std::string> addresses;
    for (const CommandService& service : services_) addresses.push_back(service.address);
    return addresses;
  }
  std::string Logs() const {
    std::string logs;
    for (const CommandService& service : services_) absl::StrAppend(&logs, service.name, ":\n", service.process->Log());
    return logs;
  }

  static v1::SignUpUserRequest SignUpRequest(const std::string& email, const std::string& request_id) {
    v1::SignUpUserRequest request;
    request.set_email(email);
    request.set_request_id(request_id);
    return request;
  }
  grpc::Status SignUpAt(int i, const v1::SignUpUserRequest& request) {
    Context context;
    v1::SignUpUserResponse response;
    return services_[i].stub->SignUpUser(&context, request, &response);
  }
  // Through whoever leads, repeated until it is answered.
  void SignUpAnywhere(const v1::SignUpUserRequest& request) {
    client::Endpoints endpoints("command service", Addresses(), grpc::InsecureChannelCredentials());
    const auto response = client::CommandClient(endpoints, {.timeout = absl::Minutes(1)}).SignUpUser(request);
    EXPECT_TRUE(response.ok()) << response.status();
  }

  // Has a call sent to a leader that is stopped, lets another take over, and wakes the old one: what it answers.
  grpc::Status AskDeposedLeader(const v1::SignUpUserRequest& request) {
    const int old_leader = AwaitLeader();
    EXPECT_TRUE(SignUpAt(old_leader, SignUpRequest("connects@example.com", "connects")).ok());
    services_[old_leader].process->Signal(SIGSTOP);
    Context context;
    v1::SignUpUserResponse response;
    grpc::Status status;
    grpc::CompletionQueue queue;
    const auto call = services_[old_leader].stub->AsyncSignUpUser(&context, request, &queue);
    call->Finish(&response, &status, nullptr);
    const int leader = AwaitLeader(old_leader);
    services_[old_leader].process->Signal(SIGCONT);
    void* tag;
    bool ok;
    queue.Next(&tag, &ok);
    // It goes on as a standby that knows its successor.
    EXPECT_TRUE(Eventually([&] {
      return Health(old_leader) == "NOT_SERVING" &&
             LeaderNamedBy(SignUpAt(old_leader, request)) == services_[leader].address;
    })) << Logs();
    EXPECT_EQ(Health(leader), "SERVING");
    return status;
  }

  void ExpectNothingLostOrDoubled(const History& history) {
    const std::vector<LoggedEvent> events = ReadEvents(*processes_.OpenLog());
    EXPECT_EQ(CheckLog(events, history), std::vector<std::string>());
    EXPECT_GE(events.size(), history.acknowledged().size());
    EXPECT_FALSE(history.acknowledged().empty());
  }

  std::vector<CommandService> services_;
};

TEST_P(FailoverTest, OneLeadsAndTheOthersNameIt) {
  Start(3);
  const int leader = AwaitLeader();
  for (int i = 0; i < 3; ++i) {
    if (i == leader) continue;
    EXPECT_EQ(Health(i), "NOT_SERVING");
    grpc::Status status;
    // It may not have heard yet.
    EXPECT_TRUE(Eventually([&] {
      status = SignUpAt(i, SignUpRequest("ann@example.com", ""));
      return LeaderNamedBy(status) == services_[leader].address;
    })) << Logs();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReasonOf(status), "NOT_LEADER");
  }
  // One more takes nothing away from the one that leads.
  services_.push_back({.name = "command-3"});
  StartAgain(3);
  EXPECT_TRUE(Eventually([&] {
    return LeaderNamedBy(SignUpAt(3, SignUpRequest("ann@example.com", ""))) == services_[leader].address;
  })) << Logs();
  EXPECT_EQ(AwaitLeader(), leader);
}

TEST_P(FailoverTest, ClientsFindTheLeader) {
  Start(2);
  const CommandResult result =
      RunCommand({ProgramPath("rosterctl"), absl::StrCat("--command-service=", absl::StrJoin(Addresses(), ",")),
                  "--profile=failover", "signup", "--email=ann@example.com"},
                 processes_.File("rosterctl.log"));
  EXPECT_EQ(result.exit_code, 0) << result.output;
  // The service config that docs/kafka.md gives, for any gRPC client.
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(
      R"({"loadBalancingConfig": [{"round_robin": {}}],
          "healthCheckConfig": {"serviceName": "roster.v1.UserCommandService"}})");
  const auto channel = grpc::CreateCustomChannel(absl::StrCat("ipv4:", absl::StrJoin(Addresses(), ",")),
                                                 grpc::InsecureChannelCredentials(), arguments);
  const auto stub = v1::UserCommandService::NewStub(channel);
  for (int i = 0; i < 20; ++i) {
    Context context;
    context.set_wait_for_ready(true);
    v1::SignUpUserResponse response;
    const auto request = SignUpRequest(absl::StrCat("user-", i, "@example.com"), "");
    const grpc::Status status = stub->SignUpUser(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
}

TEST_P(FailoverTest, DeposedLeaderWithAnEventRefuses) {
  Start(2);
  const grpc::Status status = AskDeposedLeader(SignUpRequest("new@example.com", "new"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(ReasonOf(status), testing::AnyOf("NOT_LEADER", "OUTCOME_UNKNOWN"));
  for (const LoggedEvent& logged : ReadEvents(*processes_.OpenLog())) EXPECT_NE(logged.event.request_id(), "new");
}

TEST_P(FailoverTest, DeposedLeaderWithARefusalOnlyRefusesForAnotherReason) {
  Start(2);
  SignUpAnywhere(SignUpRequest("taken@example.com", "first"));
  EXPECT_EQ(ReasonOf(AskDeposedLeader(SignUpRequest("taken@example.com", "second"))), "NOT_LEADER");
}

TEST_P(FailoverTest, DeposedLeaderWithARepeatedRequestOnlyRefuses) {
  Start(2);
  SignUpAnywhere(SignUpRequest("ann@example.com", "first"));
  EXPECT_EQ(ReasonOf(AskDeposedLeader(SignUpRequest("ann@example.com", "first"))), "NOT_LEADER");
}

TEST_P(FailoverTest, NothingIsLostOrDoubledHoweverTheLeadPassesOn) {
  const char* wanted = std::getenv("ROSTER_TEST_FAILOVERS");
  const int failovers = wanted == nullptr ? 6 : std::atoi(wanted);
  Start(3);
  History history;
  std::vector<std::string> times;
  {
    Load load(Addresses(), 8, history);
    for (int round = 0; round < failovers; ++round) {
      const int64_t until = load.commands() + 50;
      ASSERT_TRUE(Eventually([&] { return load.commands() >= until; })) << "round " << round << "\n" << Logs();
      const int leader = AwaitLeader();
      Process& process = *services_[leader].process;
      const int signal = std::array{SIGTERM, SIGKILL, SIGSTOP}[round % 3];
      process.Signal(signal);
      const absl::Time start = absl::Now();
      AwaitLeader(leader);
      times.push_back(absl::StrCat(strsignal(signal), " ", absl::ToInt64Milliseconds(absl::Now() - start), " ms"));
      if (signal == SIGSTOP) {
        process.Signal(SIGCONT);
      } else {
        EXPECT_EQ(process.Wait(), signal == SIGTERM ? 0 : 128 + SIGKILL) << process.Log();
        StartAgain(leader);
      }
    }
  }
  std::printf("from the signal until another leads: %s\n", absl::StrJoin(times, ", ").c_str());
  ExpectNothingLostOrDoubled(history);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(OnThe, FailoverTest, LogsUnderTest(), LogName);

}  // namespace roster::test
