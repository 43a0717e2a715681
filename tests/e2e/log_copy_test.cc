// Moving from one log to another with roster-log: embedded to Kafka and back.
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/e2e/e2e_test.h"
#include "tests/support/history.h"
#include "user-event/event_for_test.h"
#include "user-event/write_record.h"

namespace roster::test {
namespace {

using event_log::Record;

// The services on one log.
class Site {
 public:
  explicit Site(LogKind kind) : processes(kind) {}

  void StartAll() {
    processes.StartAll();
    ASSERT_TRUE(processes.WaitUntilServing()) << processes.command_service().Log() << processes.projector().Log();
    commands = v1::UserCommandService::NewStub(processes.command_channel());
    queries = v1::UserQueryService::NewStub(processes.query_channel());
  }

  RosterProcesses processes;
  std::unique_ptr<v1::UserCommandService::Stub> commands;
  std::unique_ptr<v1::UserQueryService::Stub> queries;
};

class LogCopyTest : public EndToEndTest {
 protected:
  static std::vector<std::string> CopyArguments(const Site& from, const Site& to, int batch_records) {
    return {ProgramPath("roster-log"), "copy", "--from=" + from.processes.log_options().log,
            "--to=" + to.processes.log_options().log, absl::StrCat("--batch-records=", batch_records),
            // A copy that was killed counts as alive for so long.
            "--to-kafka-property=session.timeout.ms=1500", "--lead-timeout-ms=8000"};
  }
  CommandResult Copy(const Site& from, const Site& to, int batch_records = 5000) {
    return RunCommand(CopyArguments(from, to, batch_records), from.processes.File("copy.log"));
  }

  static void Append(const Site& site, const std::vector<Record>& records) {
    const auto log = site.processes.OpenLog();
    const auto appender = log->Lead([] { return true; }).value();
    ASSERT_TRUE(appender->Append(records, [] {}).ok());
  }
  // Sign-ups for users that are not made by a command service.
  static std::vector<Record> SignUps(int first, int count) {
    std::vector<Record> records;
    for (int i = first; i < first + count; ++i) {
      const std::string id = absl::StrCat("user-", i);
      records.push_back(user_event::WriteRecord(user_event::SignUpEventForTest(id, id + "@example.com", i), ""));
    }
    return records;
  }
  static int64_t Length(event_log::EventLog& log) {
    const auto ends = log.ReadEndOffsets();
    return ends.ok() ? std::accumulate(ends->begin(), ends->end(), int64_t{0}) : 0;
  }

  grpc::Status SignUp(Site& site, const std::string& request_id, v1::SignUpUserResponse& response) {
    Context context;
    v1::SignUpUserRequest request;
    request.set_email(request_id + "@example.org");
    request.set_request_id(request_id);
    return site.commands->SignUpUser(&context, request, &response);
  }
  grpc::Status Get(Site& site, const std::string& user_id, const std::string& token, v1::GetUserResponse& response) {
    Context context;
    v1::GetUserRequest request;
    request.set_user_id(user_id);
    request.set_read_after(token);
    return site.queries->GetUser(&context, request, &response);
  }
  static std::vector<std::string> EventIds(Site& site) {
    std::vector<std::string> ids;
    for (const LoggedEvent& logged : ReadEvents(*site.processes.OpenLog())) ids.push_back(logged.event.event_id());
    return ids;
  }

  Site embedded_{LogKind::kEmbedded};
  Site kafka_{LogKind::kKafka};
};

TEST_P(LogCopyTest, CopyThatIsKilledAgainAndAgainEndsWithTheSameUsersAndAnswers) {
  Append(embedded_, SignUps(1, 3000));
  embedded_.StartAll();
  v1::SignUpUserResponse first;
  ASSERT_TRUE(SignUp(embedded_, "moved", first).ok());
  for (int i = 0; i < 10; ++i) {
    Context context;
    v1::UpdateUserRequest request;
    v1::UpdateUserResponse response;
    request.mutable_user()->set_user_id(first.user().user_id());
    request.mutable_user()->set_display_name(absl::StrCat("name ", i));
    request.mutable_update_mask()->add_paths("display_name");
    ASSERT_TRUE(embedded_.commands->UpdateUser(&context, request, &response).ok());
    if (i == 9) first.set_consistency_token(response.consistency_token());
  }
  queries_ = std::move(embedded_.queries);
  const std::map<std::string, v1::User> before = ListAll(first.consistency_token());
  EXPECT_EQ(before.size(), 3001u);

  // While the command service runs a copy tells that it is not all.
  EXPECT_EQ(Copy(embedded_, kafka_, 2000).exit_code, 4);
  Append(kafka_, {});
  embedded_.processes.command_service().Signal(SIGTERM);
  ASSERT_EQ(embedded_.processes.command_service().Wait(), 0);
  Append(embedded_, SignUps(10'000, 3000));

  const auto target = kafka_.processes.OpenLog();
  for (int kills = 0; kills < 3; ++kills) {
    const int64_t length = Length(*target);
    const auto copy = Process::Start(CopyArguments(embedded_, kafka_, 10), embedded_.processes.File("copy.log"));
    ASSERT_TRUE(Eventually([&] { return Length(*target) > length + 100; })) << copy->Log();
    copy->Kill();
  }
  const CommandResult copied = Copy(embedded_, kafka_);
  EXPECT_EQ(copied.exit_code, 0) << copied.output;
  EXPECT_THAT(copied.output, testing::HasSubstr("6011 compared and equal"));
  EXPECT_EQ(EventIds(embedded_), EventIds(kafka_));

  kafka_.StartAll();
  v1::SignUpUserResponse again;
  ASSERT_TRUE(SignUp(kafka_, "moved", again).ok());
  EXPECT_EQ(again.event_id(), first.event_id());
  EXPECT_EQ(again.user().SerializeAsString(), first.user().SerializeAsString());
  v1::GetUserResponse got;
  EXPECT_EQ(ReasonOf(Get(kafka_, again.user().user_id(), first.consistency_token(), got)), "FOREIGN_TOKEN");
  ASSERT_TRUE(Get(kafka_, again.user().user_id(), again.consistency_token(), got).ok());
  EXPECT_EQ(got.user().version(), 11);
  queries_ = std::move(kafka_.queries);
  const std::map<std::string, v1::User> after = ListAll(again.consistency_token());
  EXPECT_EQ(after.size(), 6001u);
  for (const auto& [id, user] : before) {
    const auto found = after.find(id);
    ASSERT_NE(found, after.end()) << id;
    EXPECT_EQ(found->second.SerializeAsString(), user.SerializeAsString()) << id;
  }
}

TEST_P(LogCopyTest, PartitionsAreJoinedInTheOrderOfTheSequence) {
  std::vector<Record> records = SignUps(1, 500);
  records.push_back({.key = "tombstone"});
  records.push_back({.value = "no key"});
  records.push_back({.key = "user-3", .value = "no event", .headers = {{"h", "1"}}});
  Append(kafka_, records);
  const CommandResult copied = Copy(kafka_, embedded_);
  EXPECT_EQ(copied.exit_code, 0) << copied.output;
  EXPECT_THAT(copied.output, testing::HasSubstr("503 compared and equal"));
  const std::vector<LoggedEvent> events = ReadEvents(*embedded_.processes.OpenLog());
  ASSERT_EQ(events.size(), 500u);
  for (size_t i = 1; i < events.size(); ++i) EXPECT_LT(events[i - 1].location.offset, events[i].location.offset) << i;
}

TEST_P(LogCopyTest, TargetOfOthersIsRefusedAndLeftAsItIs) {
  Append(embedded_, SignUps(1, 20));
  Append(kafka_, SignUps(100, 10));
  const auto target = kafka_.processes.OpenLog();
  const std::vector<std::string> before = EventIds(kafka_);
  EXPECT_EQ(Copy(embedded_, kafka_).exit_code, 3);
  EXPECT_EQ(EventIds(kafka_), before);

  // Nor is a command service deposed.
  kafka_.StartAll();
  EXPECT_EQ(Copy(embedded_, kafka_).exit_code, 1);
  v1::SignUpUserResponse response;
  EXPECT_TRUE(SignUp(kafka_, "undisturbed", response).ok());
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(OnThe, LogCopyTest, LogsUnderTest(), LogName);

}  // namespace roster::test
