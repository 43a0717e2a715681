// Brokers with TLS, log-in and rights, as in production.
#include <fstream>
#include <functional>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "event-log/kafka/test_broker.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/context.h"
#include "tests/support/kafka_acls.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/roster_processes.h"

namespace roster::test {
namespace {

using event_log::kafka::Outsider;
using testing::HasSubstr;
using testing::Not;

constexpr char kCommandService[] = "roster-command-service";
constexpr char kProjector[] = "roster-projector";

// The one broker of this program.
class SecuredBroker {
 public:
  SecuredBroker() : cluster_(1, {"--secured"}), acls_(cluster_.addresses()) {}

  std::string AddressOf(const std::string& listener) const {
    return absl::StrCat("127.0.0.1:", cluster_.ListenerPort(listener, 1));
  }
  const std::string& administrators_address() const { return cluster_.addresses(); }
  std::string Secret(const std::string& name) const { return cluster_.File("secrets/" + name); }
  std::string PasswordOf(const std::string& user) const {
    std::ifstream file(Secret(user + ".password"));
    std::string password;
    std::getline(file, password);
    return password;
  }
  KafkaAcls& acls() { return acls_; }

 private:
  KafkaCluster cluster_;
  KafkaAcls acls_;
};

SecuredBroker* broker = nullptr;

class BrokerEnvironment : public testing::Environment {
  void SetUp() override { broker = new SecuredBroker(); }
  void TearDown() override { delete broker; }
};
const auto* const environment = testing::AddGlobalTestEnvironment(new BrokerEnvironment());

std::vector<std::string> ScramFlags(const std::string& user, const std::string& mechanism = "SCRAM-SHA-512") {
  std::vector<std::string> flags;
  for (const std::string& property :
       {std::string("security.protocol=SASL_SSL"), "sasl.mechanism=" + mechanism, "sasl.username=" + user,
        "sasl.password.file=" + broker->Secret(user + ".password"), "ssl.ca.location=" + broker->Secret("ca.pem")}) {
    flags.push_back("--kafka-property=" + property);
  }
  return flags;
}

std::vector<std::string> CertificateFlags(const std::string& user) {
  std::vector<std::string> flags;
  for (const std::string& property :
       {std::string("security.protocol=SSL"), "ssl.certificate.location=" + broker->Secret(user + ".pem"),
        "ssl.key.location=" + broker->Secret(user + ".key"), "ssl.ca.location=" + broker->Secret("ca.pem")}) {
    flags.push_back("--kafka-property=" + property);
  }
  return flags;
}

// Roster on a topic of its own.
class SecuredRoster {
 public:
  explicit SecuredRoster(const std::string& listener, int partitions = 6)
      : processes_(LogKind::kKafka, partitions, broker->AddressOf(listener)) {}

  void UseFlags(const std::function<std::vector<std::string>(const std::string& user)>& flags) {
    for (const std::string& flag : flags(kCommandService)) processes_.AddCommandServiceFlag(flag);
    for (const std::string& flag : flags(kProjector)) processes_.AddProjectorFlag(flag);
  }
  // As an administrator would, with the settings of docs/kafka.md.
  void MakeTopics() {
    const std::map<std::string, std::string> keep = {{"retention.ms", "-1"}, {"retention.bytes", "-1"}};
    Outsider(topic(), broker->administrators_address()).CreateTopic(6, keep);
    Outsider(topic() + ".control", broker->administrators_address()).CreateTopic(1, {{"cleanup.policy", "compact"}});
    Outsider(topic() + ".dlq", broker->administrators_address()).CreateTopic(1, keep);
  }
  void GrantAll() {
    for (const Right& right : DocumentedRights(topic())) broker->acls().Grant(right);
  }
  void ExpectToWork() {
    processes_.StartAll();
    ASSERT_TRUE(processes_.WaitUntilServing()) << processes_.command_service().Log() << processes_.projector().Log();
    const auto commands = v1::UserCommandService::NewStub(processes_.command_channel());
    const auto queries = v1::UserQueryService::NewStub(processes_.query_channel());
    Context sign_up_context, get_context;
    v1::SignUpUserRequest sign_up;
    v1::SignUpUserResponse signed_up;
    sign_up.set_email("ann@example.com");
    ASSERT_TRUE(commands->SignUpUser(&sign_up_context, sign_up, &signed_up).ok());
    v1::GetUserRequest get;
    v1::GetUserResponse got;
    get.set_user_id(signed_up.user().user_id());
    get.set_read_after(signed_up.consistency_token());
    EXPECT_TRUE(queries->GetUser(&get_context, get, &got).ok());
  }

  void TrySignUp() {
    Context context(absl::Seconds(1));
    v1::SignUpUserRequest request;
    v1::SignUpUserResponse response;
    request.set_email(absl::StrCat("user-", ++tries_, "@example.com"));
    v1::UserCommandService::NewStub(processes_.command_channel())->SignUpUser(&context, request, &response);
  }

  const std::string& topic() const { return processes_.topic(); }
  RosterProcesses& processes() { return processes_; }

 private:
  RosterProcesses processes_;
  int tries_ = 0;
};

struct LogIn {
  std::string name;
  std::string listener;
  std::function<std::vector<std::string>(const std::string& user)> flags;
};

class LogInTest : public testing::TestWithParam<LogIn> {};

TEST_P(LogInTest, ProgramsWorkWithTheRightsThatAreDocumented) {
  SecuredRoster roster(GetParam().listener);
  roster.UseFlags(GetParam().flags);
  roster.MakeTopics();
  roster.GrantAll();
  roster.ExpectToWork();
  const std::string logs = roster.processes().command_service().Log() + roster.processes().projector().Log();
  EXPECT_THAT(logs, Not(HasSubstr("\"level\":\"error\"")));
  EXPECT_THAT(logs, Not(HasSubstr("authorization failed")));
}

LogIn Scram(const std::string& mechanism) {
  const std::string name = absl::StrReplaceAll(mechanism, {{"-", ""}});
  return {name, "SASL", [mechanism](const std::string& user) { return ScramFlags(user, mechanism); }};
}

INSTANTIATE_TEST_SUITE_P(By, LogInTest,
                         testing::Values(Scram("SCRAM-SHA-256"), Scram("SCRAM-SHA-512"), Scram("PLAIN"),
                                         LogIn{"Certificate", "MTLS", CertificateFlags}),
                         [](const auto& info) { return info.param.name; });

TEST(RightsTest, WithCreateTheCommandServiceMakesTheTopics) {
  SecuredRoster roster("SASL", 1);
  roster.UseFlags([](const std::string& user) { return ScramFlags(user); });
  roster.GrantAll();
  for (const std::string suffix : {"", ".control", ".dlq"}) {
    broker->acls().Grant({kCommandService, "Topic", roster.topic() + suffix, false, "Create"});
  }
  roster.ExpectToWork();
}

TEST(RightsTest, WithoutCreateMissingTopicsAreNamed) {
  SecuredRoster roster("SASL");
  roster.UseFlags([](const std::string& user) { return ScramFlags(user); });
  roster.GrantAll();
  roster.processes().StartCommandService();
  Process& process = roster.processes().command_service();
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(process.Log(), "the right Create on topic " + roster.topic() + ",");
  })) << process.Log();
}

bool Names(const std::string& log, const Right& right) {
  const std::string resource =
      right.resource == "TransactionalId" ? "transactional id" : absl::AsciiStrToLower(right.resource);
  const std::string on = absl::StrCat(" on ", resource, " ", right.name, right.prefixed ? "" : ", with");
  // Who may neither read nor write a topic is refused already where it is asked for.
  const bool asked_for = right.operation == "Read" || right.operation == "Write" || right.operation == "Describe";
  return absl::StrContains(log, absl::StrCat("the right ", right.operation, on)) ||
         (asked_for && absl::StrContains(log, absl::StrCat("the right Describe (which Read and Write include)", on)));
}

// Every right of the table is taken away once, and the program that has it started without.
TEST(RightsTest, EachIsNeededAndNamedWhereItIsMissing) {
  SecuredRoster roster("SASL");
  roster.UseFlags([](const std::string& user) { return ScramFlags(user); });
  roster.MakeTopics();
  roster.GrantAll();
  roster.ExpectToWork();
  RosterProcesses& processes = roster.processes();
  processes.command_service().Kill();
  processes.projector().Kill();
  // Something for the dead-letter topic.
  Outsider(roster.topic(), broker->administrators_address()).Produce({.key = "k", .value = "no event"});
  for (const Right& right : DocumentedRights(roster.topic())) {
    broker->acls().Revoke(right);
    const bool commands = right.user == kCommandService;
    commands ? processes.StartCommandService() : processes.StartProjector();
    Process& process = commands ? processes.command_service() : processes.projector();
    EXPECT_TRUE(Eventually([&] {
      // Some are needed only then.
      if (commands) roster.TrySignUp();
      return Names(process.Log(), right);
    })) << "not named: "
        << right.operation << " on " << right.name << "\n"
        << process.Log();
    process.Kill();
    broker->acls().Grant(right);
  }
}

struct Mistake {
  std::string name;
  std::string listener;
  // Instead of those of a right log-in.
  std::map<std::string, std::string> properties;
  std::string message;
};

class MistakeTest : public testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, IsToldInTheLogWithoutSecrets) {
  SecuredRoster roster(GetParam().listener);
  roster.UseFlags([](const std::string& user) {
    std::vector<std::string> flags = ScramFlags(user);
    for (const auto& [name, value] : GetParam().properties) {
      for (std::string& flag : flags) {
        if (absl::StartsWith(flag, absl::StrCat("--kafka-property=", name, "="))) {
          flag = absl::StrCat("--kafka-property=", name, "=", value);
        }
      }
    }
    return flags;
  });
  roster.processes().StartCommandService();
  roster.processes().StartProjector();
  for (Process* process : {&roster.processes().command_service(), &roster.processes().projector()}) {
    EXPECT_TRUE(Eventually([&] { return absl::StrContains(process->Log(), GetParam().message); })) << process->Log();
    for (const char* user : {kCommandService, kProjector}) {
      EXPECT_THAT(process->Log(), Not(HasSubstr(broker->PasswordOf(user))));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Of, MistakeTest,
    testing::Values(Mistake{"User", "SASL", {{"sasl.username", "nobody"}}, "invalid credentials"},
                    Mistake{"Authority",
                            "SASL",
                            {{"ssl.ca.location", "/etc/ssl/certs/ca-certificates.crt"}},
                            "unable to get local issuer"},
                    Mistake{"ExpiredCertificate", "EXPIRED", {}, "certificate has expired"},
                    Mistake{"CertificateForAnotherName", "OTHERNAME", {}, "IP address mismatch"},
                    Mistake{"ClientWithoutCertificate", "MTLS", {{"security.protocol", "SSL"}}, "bad certificate"},
                    Mistake{"Protocol", "SASL", {{"security.protocol", "PLAINTEXT"}}, "security.protocol"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace roster::test
