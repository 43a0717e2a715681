#include "projector/projector.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/doorbell.h"
#include "base/fake_clock.h"
#include "base/temp_dir.h"
#include "event-log/embedded/embedded_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "projector/log_for_test.h"
#include "projector/settle_client.h"
#include "read-model/inspector.h"
#include "user-event/event_for_test.h"

namespace roster::projector {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using user_event::NextEventForTest;
using user_event::SignUpEventForTest;

constexpr absl::Duration kLong = absl::Seconds(60);

class ProjectorTest : public ::testing::Test {
 protected:
  ProjectorTest() { options_.read_model = dir_.File("rm"); }

  void Start(std::unique_ptr<event_log::EventLog> log) {
    projector_.reset();
    auto started = Projector::Start(options_, std::move(log), clock_, [this] { ended_.Notify(); });
    ASSERT_TRUE(started.ok()) << started.status();
    projector_ = *std::move(started);
  }

  // A log in memory that outlives none of its projectors: the test keeps a pointer to the one last started.
  LogForTest* StartOnMemory(int partitions = 1) {
    auto log = std::make_unique<LogForTest>(clock_, partitions);
    LogForTest* const raw = log.get();
    raw->AddGenesis();
    Start(std::move(log));
    return raw;
  }

  // Looks at the read model after each ring, until `condition` holds.
  template <typename Condition>
  bool Eventually(Condition condition) {
    const auto listener = DoorbellListener::Open(folder().DoorbellPath()).value();
    const absl::Time deadline = absl::Now() + kLong;
    while (absl::Now() < deadline) {
      const auto inspector = read_model::Inspector::Open(folder());
      if (inspector.ok() && condition(**inspector)) return true;
      listener->Wait(absl::Milliseconds(100));
    }
    return false;
  }

  bool EventuallyHasUsers(int64_t users) {
    return Eventually([&](read_model::Inspector& inspector) { return inspector.ComputeDigest()->users == users; });
  }

  bool EventuallyAt(std::vector<int64_t> next_offsets) {
    return Eventually([&](read_model::Inspector& inspector) {
      const auto summary = inspector.Summarize();
      return summary->position.next_offsets == next_offsets && summary->fresh_as_of.has_value();
    });
  }

  read_model::Folder folder() const { return read_model::Folder(options_.read_model); }

  std::string Read(const std::string& sql) {
    return SQLite::Database(folder().DatabasePath(1), SQLite::OPEN_READONLY).execAndGet(sql).getString();
  }

  // As if an older program had not been able to read `value`.
  void AddDeadLetter(int64_t offset, const std::string& key, const std::string& value) {
    const auto writer = read_model::Writer::Open(folder().DatabasePath(1)).value();
    read_model::DeadLetter letter{
        .id = {0, offset}, .key = key, .value = value, .user_id = key, .reason = "NOT_A_USER_EVENT"};
    ASSERT_TRUE(writer->Begin().ok());
    ASSERT_TRUE(writer->AddDeadLetter(letter, clock_.Now()).ok());
    ASSERT_TRUE(writer->Commit().ok());
  }

  absl::StatusOr<control::SettleDeadLettersResponse> Settle(Settlement settlement, std::optional<int64_t> offset) {
    control::SettleDeadLettersRequest request;
    if (offset) request.mutable_id()->set_offset(*offset);
    return SettleDeadLetters(folder(), settlement, request, clock_);
  }

  TempDir dir_;
  FakeClock clock_;
  ProjectorOptions options_;
  absl::Notification ended_;
  std::unique_ptr<Projector> projector_;
};

std::vector<std::string> Outcomes(const control::SettleDeadLettersResponse& response) {
  std::vector<std::string> outcomes;
  for (const control::DeadLetterOutcome& outcome : response.outcomes()) outcomes.push_back(outcome.outcome());
  return outcomes;
}

TEST_F(ProjectorTest, EventsOnAnEmbeddedLogBecomeUsers) {
  const std::string path = dir_.File("log.db");
  Start(event_log::OpenEmbeddedLog(path, clock_));
  const auto log = event_log::OpenEmbeddedLog(path, clock_);
  const auto appender = log->Lead([] { return true; }).value();
  std::vector<event_log::Record> records;
  for (int i = 0; i < 500; ++i) {
    records.push_back(
        user_event::WriteRecord(SignUpEventForTest(absl::StrCat("user-", i), "a@example.org", i + 1), ""));
  }
  ASSERT_TRUE(appender->Append(records, [] {}).ok());
  EXPECT_TRUE(EventuallyHasUsers(500));
  EXPECT_TRUE(EventuallyAt({501}));
  ASSERT_TRUE(projector_->Stop().ok());

  // A fold of the same log from the start comes out equal.
  const read_model::Digest first = read_model::Inspector::Open(folder()).value()->ComputeDigest().value();
  options_.read_model = dir_.File("other");
  options_.fold.batch_records = 7;
  Start(event_log::OpenEmbeddedLog(path, clock_));
  EXPECT_TRUE(EventuallyAt({501}));
  EXPECT_EQ(read_model::Inspector::Open(folder()).value()->ComputeDigest().value(), first);
}

TEST_F(ProjectorTest, SecondProjectorOnTheSameFolderIsRefused) {
  StartOnMemory();
  const auto second = Projector::Start(options_, std::make_unique<LogForTest>(clock_), clock_, nullptr);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ProjectorTest, TooLongPathForTheSocketIsRefused) {
  options_.read_model = dir_.File(std::string(120, 'x'));
  const auto started = Projector::Start(options_, std::make_unique<LogForTest>(clock_), clock_, nullptr);
  EXPECT_EQ(started.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ProjectorTest, AnotherLogEndsTheProjectorWithAnError) {
  StartOnMemory();
  ASSERT_TRUE(EventuallyAt({1}));
  ASSERT_TRUE(projector_->Stop().ok());
  projector_.reset();
  auto other = std::make_unique<LogForTest>(clock_, 1, "0190a0a0-0000-7000-8000-00000000000f");
  other->AddGenesis();
  Start(std::move(other));
  ended_.WaitForNotification();
  EXPECT_EQ(projector_->Stop().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ProjectorTest, RemovedReadModelEndsTheProjectorWithAnError) {
  LogForTest* const log = StartOnMemory();
  ASSERT_TRUE(EventuallyAt({1}));
  std::filesystem::remove_all(options_.read_model);
  log->Add(SignUpEventForTest("a", "a@example.org"));
  ended_.WaitForNotification();
  EXPECT_EQ(projector_->Stop().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ProjectorTest, HealthFollowsTheFold) {
  options_.fold.retry_max = absl::Milliseconds(5);
  LogForTest* const log = StartOnMemory();
  const auto eventually = [&](const std::string& health) {
    return Eventually([&](read_model::Inspector&) { return ProbeProjector(folder()) == health; });
  };
  EXPECT_TRUE(eventually("serving"));
  log->FailPolls(1'000'000, absl::UnavailableError("no broker"));
  EXPECT_TRUE(eventually("not serving"));
  log->Add(SignUpEventForTest("a", "a@example.org"));
  log->FailPolls(0, absl::OkStatus());
  EXPECT_TRUE(eventually("serving"));
  EXPECT_TRUE(EventuallyHasUsers(1));
  ASSERT_TRUE(projector_->Stop().ok());
  EXPECT_EQ(ProbeProjector(folder()), "not running");

  // What stands behind the socket of a process that was stopped: connections are taken, and nobody answers.
  projector_.reset();
  const std::string path = folder().ControlSocketPath();
  unlink(path.c_str());
  sockaddr_un address{.sun_family = AF_UNIX};
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int silent = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(silent, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(silent, 8), 0);
  EXPECT_EQ(ProbeProjector(folder()), "not answering");
  close(silent);
}

TEST_F(ProjectorTest, RedriveThroughTheRunningProjectorApplies) {
  LogForTest* log = StartOnMemory();
  log->Add(SignUpEventForTest("known", "k@example.org", 1));
  ASSERT_TRUE(EventuallyAt({2}));
  AddDeadLetter(1000, "a", SignUpEventForTest("a", "a@example.org", 2).SerializeAsString());
  const auto response = Settle(Settlement::kRedrive, 1000);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Outcomes(*response), ElementsAre("APPLIED"));
  EXPECT_TRUE(EventuallyHasUsers(2));
  EXPECT_EQ(Read("SELECT state FROM dead_letters"), "1");
  EXPECT_EQ(Read("SELECT changes_from_offset FROM partitions"), "2");
  EXPECT_EQ(Settle(Settlement::kRedrive, 1000).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Settle(Settlement::kRedrive, 1001).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ProjectorTest, OperatorsAreServedWhileTheLogIsAway) {
  LogForTest* const log = StartOnMemory();
  ASSERT_TRUE(EventuallyAt({1}));
  AddDeadLetter(1000, "a", SignUpEventForTest("a", "a@example.org", 2).SerializeAsString());
  log->FailPolls(1'000'000, absl::UnavailableError("no broker"));
  const auto response = Settle(Settlement::kRedrive, std::nullopt);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Outcomes(*response), ElementsAre("APPLIED"));
  EXPECT_TRUE(projector_->Stop().ok());
}

TEST_F(ProjectorTest, RedriveAloneNeverUndoesWhatIsNewer) {
  LogForTest* log = StartOnMemory();
  const v1::UserEvent first = SignUpEventForTest("a", "a@example.org", 1);
  const v1::UserEvent second = NextEventForTest(first, v1::USER_STATUS_INACTIVE, 2);
  log->Add(second);
  ASSERT_TRUE(EventuallyAt({2}));
  projector_.reset();
  v1::UserEvent rival = second;
  rival.set_event_id("rival");
  AddDeadLetter(1000, "a", first.SerializeAsString());
  AddDeadLetter(1001, "a", rival.SerializeAsString());
  AddDeadLetter(1002, "a", "still no event");
  const auto response = Settle(Settlement::kRedrive, std::nullopt);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(Outcomes(*response), ElementsAre("OUTDATED", "STILL_OPEN", "STILL_OPEN"));
  EXPECT_THAT(response->outcomes(1).message(), ::testing::HasSubstr("VERSION_CONFLICT"));
  EXPECT_THAT(response->outcomes(2).message(), ::testing::HasSubstr("NOT_A_USER_EVENT"));
  EXPECT_EQ(Read("SELECT version FROM users"), "2");
  // Nothing was applied, so no watch needs to list again.
  EXPECT_EQ(Read("SELECT changes_from_offset FROM partitions"), "0");
}

TEST_F(ProjectorTest, DiscardGoesThroughAllInPages) {
  LogForTest* const log = StartOnMemory();
  for (int i = 0; i < 450; ++i) log->Add(0, {"k", "no event", {}});
  ASSERT_TRUE(EventuallyAt({451}));
  control::SettleDeadLettersRequest request;
  int settled = 0;
  int calls = 0;
  for (bool more = true; more; ++calls) {
    const auto response = SettleDeadLetters(folder(), Settlement::kDiscard, request, clock_);
    ASSERT_TRUE(response.ok()) << response.status();
    settled += response->outcomes_size();
    more = response->has_last();
    *request.mutable_after() = response->last();
  }
  EXPECT_EQ(settled, 450);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(Read("SELECT count(*) FROM dead_letters WHERE state = 2"), "450");
}

TEST_F(ProjectorTest, DeadLettersAreCopiedToTheTopic) {
  options_.log.log = "kafka:broker:9092/users";
  options_.fold.fresh_interval = absl::Milliseconds(10);
  LogForTest* const log = StartOnMemory();
  log->FailCopies(1);
  log->Add(0, {"k", "no event", {{"own", "header"}}});
  log->Add(0, {"k", std::nullopt, {}});
  ASSERT_TRUE(Eventually([&](read_model::Inspector& inspector) {
    clock_.Advance(absl::Seconds(1));
    return inspector.Summarize()->position.next_offsets == std::vector<int64_t>{3} &&
           inspector.ListUncopiedDeadLetters(std::nullopt, 10)->empty();
  }));
  ASSERT_THAT(log->copies(), SizeIs(2));
  const event_log::Record copy = log->copies()[0];
  EXPECT_EQ(copy.key, "k");
  EXPECT_EQ(copy.value, "no event");
  EXPECT_THAT(copy.headers, ::testing::IsSupersetOf(std::vector<event_log::Header>{
                                {"own", "header"},
                                {"__connect.errors.topic", "users"},
                                {"__connect.errors.partition", "0"},
                                {"__connect.errors.offset", "1"},
                                {"__connect.errors.exception.class.name", "NOT_A_USER_EVENT"},
                                {"x-original-topic", "users"},
                                {"x-original-partition", "0"},
                                {"x-original-offset", "1"},
                            }));
}

TEST_F(ProjectorTest, EmbeddedLogHasNoTopicForDeadLetters) {
  LogForTest* const log = StartOnMemory();
  log->Add(0, {"k", "no event", {}});
  ASSERT_TRUE(EventuallyAt({2}));
  ASSERT_TRUE(projector_->Stop().ok());
  EXPECT_THAT(log->copies(), SizeIs(0));
  EXPECT_EQ(Read("SELECT copied FROM dead_letters"), "0");
}

}  // namespace
}  // namespace roster::projector
