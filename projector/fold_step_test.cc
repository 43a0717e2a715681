#include "projector/fold_step.h"

#include <sqlite3.h>

#include <filesystem>
#include <random>
#include <string>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "base/fake_clock.h"
#include "base/temp_dir.h"
#include "gtest/gtest.h"
#include "metrics/value_for_test.h"
#include "projector/log_for_test.h"
#include "read-model/inspector.h"
#include "sqlite/faulty_disk_for_test.h"
#include "user-event/event_for_test.h"

namespace roster::projector {
namespace {

using user_event::NextEventForTest;
using user_event::SignUpEventForTest;

FoldOptions SmallBatches(int records) {
  FoldOptions options;
  options.batch_records = records;
  return options;
}

// A folder, and a step that folds into it.
class Model {
 public:
  Model(LogForTest& log, const Clock& clock, const FoldOptions& options = {}, const std::string& path = "")
      : folder_(path.empty() ? dir_.path() : path), log_(log), clock_(clock), options_(options) {
    Restart();
  }

  // As a process that ends and starts again.
  void Restart() {
    step_.reset();
    step_ = std::make_unique<FoldStep>(options_, log_, folder_, clock_, nullptr, metrics_);
  }

  FoldStep& step() { return *step_; }
  const metrics::Registry& registry() const { return registry_; }
  const read_model::Folder& folder() const { return folder_; }

  // Folds to the log's end, or to the first error.
  absl::Status FoldAll() {
    for (;;) {
      step_->Interrupt();
      const absl::Status status = step_->Run();
      if (!status.ok()) return status;
      const auto summary = read_model::Inspector::Open(folder_).value()->Summarize();
      if (!summary.ok()) return summary.status();
      if (step_->caught_up() && summary->position == end_) return absl::OkStatus();
      if (step_->caught_up() && end_.empty()) return absl::OkStatus();
    }
  }
  void set_end(Position end) { end_ = std::move(end); }

  read_model::Digest Digest() { return read_model::Inspector::Open(folder_).value()->ComputeDigest().value(); }
  read_model::Summary Summary() { return read_model::Inspector::Open(folder_).value()->Summarize().value(); }
  std::vector<read_model::DeadLetterRow> DeadLetters() {
    return read_model::Inspector::Open(folder_).value()->ListDeadLetters(true, std::nullopt, 1'000'000).value();
  }
  std::string Read(const std::string& sql) {
    return SQLite::Database(folder_.DatabasePath(1), SQLite::OPEN_READONLY).execAndGet(sql).getString();
  }

 private:
  TempDir dir_;
  const read_model::Folder folder_;
  LogForTest& log_;
  const Clock& clock_;
  const FoldOptions options_;
  metrics::Registry registry_;
  FoldMetrics metrics_{registry_, clock_};
  Position end_;
  std::unique_ptr<FoldStep> step_;
};

// Users who sign up, change and are deleted, with some hostile records between.
void AddHistory(LogForTest& log, int users) {
  log.AddGenesis();
  int64_t sequence = 0;
  for (int i = 0; i < users; ++i) {
    v1::UserEvent event =
        SignUpEventForTest(absl::StrCat("user-", i), absl::StrCat("User", i, "@example.org"), ++sequence);
    log.Add(event);
    if (i % 3 == 0) log.Add(event = NextEventForTest(event, v1::USER_STATUS_INACTIVE, ++sequence));
    if (i % 4 == 0) log.Add(NextEventForTest(event, v1::USER_STATUS_DELETED, ++sequence));
    if (i % 5 == 0) log.Add(0, {absl::StrCat("user-", i), "no event", {{"a", "b"}}});
    if (i % 7 == 0) log.Add(event);
  }
}

TEST(FoldStepTest, FoldsToTheEndOfTheLog) {
  FakeClock clock;
  LogForTest log(clock);
  AddHistory(log, 30);
  Model model(log, clock, SmallBatches(7));
  ASSERT_TRUE(model.FoldAll().ok());
  const read_model::Summary summary = model.Summary();
  EXPECT_EQ(summary.position.log_id, LogForTest::kLogId);
  EXPECT_EQ(summary.fresh_as_of, clock.Now());
  EXPECT_EQ(summary.users_by_status.at(v1::USER_STATUS_DELETED), 8);
  EXPECT_EQ(model.Digest().users, 30);
  EXPECT_EQ(model.DeadLetters().size(), 6u);
  EXPECT_EQ(model.DeadLetters()[0].user_id, "user-0");
}

TEST(FoldStepTest, MeasuresWhatItFoldsAndHowFarItIs) {
  FakeClock clock;
  // Later than the events.
  clock.Advance(absl::Hours(1));
  LogForTest log(clock);
  AddHistory(log, 30);
  Model model(log, clock, SmallBatches(7));
  EXPECT_EQ(metrics::ValueOf(model.registry(), "roster_projector_lag_seconds"), -1);
  // A first batch, with the end out of sight: as old as its newest event.
  ASSERT_TRUE(model.step().Run().ok());
  EXPECT_EQ(metrics::ValueOf(model.registry(), "roster_projector_records_total"), 7);
  EXPECT_GT(metrics::ValueOf(model.registry(), "roster_projector_lag_seconds"), 0);
  ASSERT_TRUE(model.FoldAll().ok());
  const int64_t records = model.Summary().position.next_offsets[0];
  EXPECT_EQ(metrics::ValueOf(model.registry(), "roster_projector_records_total"), records);
  EXPECT_EQ(metrics::ValueOf(model.registry(), "roster_projector_dead_letters_total"), 6);
  EXPECT_EQ(metrics::ValueOf(model.registry(), "roster_projector_next_offset", {{"partition", "0"}}), records);
  EXPECT_EQ(metrics::ValueOf(model.registry(), "roster_projector_lag_records", {{"partition", "0"}}), 0);
  EXPECT_EQ(metrics::ValueOf(model.registry(), "roster_projector_lag_seconds"), 0);
  clock.Advance(absl::Seconds(90));
  EXPECT_EQ(metrics::ValueOf(model.registry(), "roster_projector_lag_seconds"), 90);
}

TEST(FoldStepTest, GoesOnWhereItStoodAfterARestart) {
  FakeClock clock;
  LogForTest log(clock);
  AddHistory(log, 20);
  Model model(log, clock);
  ASSERT_TRUE(model.FoldAll().ok());
  const std::string changes = model.Read("SELECT count(*) FROM changes");
  model.Restart();
  log.Add(SignUpEventForTest("late", "late@example.org", 1000));
  ASSERT_TRUE(model.FoldAll().ok());
  EXPECT_EQ(model.Digest().users, 21);
  EXPECT_EQ(model.Read("SELECT count(*) FROM changes"), absl::StrCat(std::stoi(changes) + 1));
}

TEST(FoldStepTest, LogWithoutGenesisIsWaitedFor) {
  FakeClock clock;
  LogForTest log(clock, 2);
  Model model(log, clock);
  model.step().Interrupt();
  ASSERT_TRUE(model.step().Run().ok());
  EXPECT_FALSE(model.step().caught_up());
  EXPECT_FALSE(model.Summary().fresh_as_of.has_value());
  // Partition 1 is read first: its event must not be folded without the log's identity, nor lost.
  log.AddGenesis();
  log.Add(SignUpEventForTest("a", "a@example.org"), 1);
  ASSERT_TRUE(model.FoldAll().ok());
  ASSERT_TRUE(model.FoldAll().ok());
  EXPECT_EQ(model.Digest().position, (Position{LogForTest::kLogId, {1, 1}}));
  EXPECT_EQ(model.Digest().users, 1);
}

TEST(FoldStepTest, AnotherLogIsRefused) {
  FakeClock clock;
  LogForTest log(clock);
  AddHistory(log, 3);
  Model model(log, clock);
  ASSERT_TRUE(model.FoldAll().ok());
  LogForTest other(clock, 1, "0190a0a0-0000-7000-8000-00000000000f");
  AddHistory(other, 3);
  metrics::Registry registry;
  FoldMetrics metrics(registry, clock);
  FoldStep step({}, other, model.folder(), clock, nullptr, metrics);
  EXPECT_EQ(step.Run().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(FoldStepTest, SecondGenesisIsADeadLetter) {
  FakeClock clock;
  LogForTest log(clock);
  AddHistory(log, 1);
  log.AddGenesis();
  Model model(log, clock);
  ASSERT_TRUE(model.FoldAll().ok());
  ASSERT_EQ(model.DeadLetters().size(), 2u);
  EXPECT_EQ(model.DeadLetters()[1].reason, "MISPLACED_GENESIS");
}

TEST(FoldStepTest, VersionTakenByAnotherEventIsADeadLetter) {
  FakeClock clock;
  LogForTest log(clock);
  log.AddGenesis();
  const v1::UserEvent event = SignUpEventForTest("a", "a@example.org");
  v1::UserEvent rival = event;
  rival.set_event_id("rival");
  log.Add(event);
  log.Add(rival);
  Model model(log, clock);
  ASSERT_TRUE(model.FoldAll().ok());
  ASSERT_EQ(model.DeadLetters().size(), 1u);
  EXPECT_EQ(model.DeadLetters()[0].reason, "VERSION_CONFLICT");
  EXPECT_EQ(model.DeadLetters()[0].user_id, "a");
}

TEST(FoldStepTest, HostileRecordsAreKeptAndGoodOnesArrive) {
  FakeClock clock;
  LogForTest log(clock, 3);
  log.AddGenesis();
  std::mt19937 random(1);
  const auto bytes = [&](size_t size) {
    std::string result(size, 0);
    for (char& c : result) c = static_cast<char>(random());
    return result;
  };
  constexpr int kHostile = 10'000;
  int good = 0;
  for (int i = 0; i < kHostile; ++i) {
    const int partition = i % 3;
    if (i % 100 == 0) log.Add(SignUpEventForTest(absl::StrCat("good-", ++good), "g@example.org", i + 1), partition);
    switch (i % 5) {
      case 0:
        log.Add(partition, {bytes(20), bytes(300), {{bytes(5), bytes(5)}}});
        break;
      case 1:
        log.Add(partition, {"user", std::nullopt, {}});
        break;
      case 2: {
        const std::string whole = SignUpEventForTest("cut", "c@example.org").SerializeAsString();
        log.Add(partition, {"cut", whole.substr(0, whole.size() - 5), {}});
        break;
      }
      case 3:
        log.Add(partition, {"other-key", SignUpEventForTest("key", "k@example.org").SerializeAsString(), {}});
        break;
      case 4:
        log.Add(partition, {std::nullopt, "", {}});
        break;
    }
  }
  const std::string huge = bytes(5 << 20);
  const int64_t huge_offset = log.Add(2, {"huge", huge, {}});
  log.Add(SignUpEventForTest("last", "l@example.org", 20'000), 2);
  Model model(log, clock);
  ASSERT_TRUE(model.FoldAll().ok());
  EXPECT_EQ(model.Digest().users, good + 1);
  EXPECT_EQ(model.DeadLetters().size(), kHostile + 1u);
  const auto stored = read_model::Inspector::Open(model.folder()).value()->ReadDeadLetter({2, huge_offset}).value();
  ASSERT_TRUE(stored.has_value());
  EXPECT_TRUE(stored->letter.value == huge);
}

TEST(FoldStepTest, UnknownKindOfChangeApplies) {
  FakeClock clock;
  LogForTest log(clock);
  log.AddGenesis();
  v1::UserEvent event = SignUpEventForTest("a", "a@example.org");
  event.clear_change();
  event.GetReflection()->MutableUnknownFields(&event)->AddLengthDelimited(100, "");
  log.Add(event);
  Model model(log, clock);
  ASSERT_TRUE(model.FoldAll().ok());
  EXPECT_EQ(model.Digest().users, 1);
  EXPECT_TRUE(model.DeadLetters().empty());
}

TEST(FoldStepTest, UnavailableLogLosesNothing) {
  FakeClock clock;
  LogForTest log(clock);
  AddHistory(log, 10);
  Model model(log, clock, SmallBatches(3));
  log.FailPolls(1, absl::UnavailableError("no broker"));
  EXPECT_EQ(model.FoldAll().code(), absl::StatusCode::kUnavailable);
  log.FailPolls(1, absl::InternalError("reader is of no further use"));
  EXPECT_EQ(model.FoldAll().code(), absl::StatusCode::kInternal);
  ASSERT_TRUE(model.FoldAll().ok());
  EXPECT_EQ(model.Digest().users, 10);
}

TEST(FoldStepTest, LockedReadModelIsWaitedFor) {
  FakeClock clock;
  LogForTest log(clock);
  AddHistory(log, 2);
  Model model(log, clock);
  ASSERT_TRUE(model.FoldAll().ok());
  log.Add(SignUpEventForTest("late", "late@example.org", 1000));
  {
    SQLite::Database other(model.folder().DatabasePath(1), SQLite::OPEN_READWRITE);
    other.exec("BEGIN IMMEDIATE");
    EXPECT_EQ(model.step().Run().code(), absl::StatusCode::kUnavailable);
  }
  ASSERT_TRUE(model.FoldAll().ok());
  EXPECT_EQ(model.Digest().users, 3);
}

TEST(FoldStepTest, OldChangesAreDropped) {
  FakeClock clock;
  LogForTest log(clock);
  AddHistory(log, 5);
  FoldOptions options;
  options.changes_retention = absl::Hours(1);
  Model model(log, clock, options);
  ASSERT_TRUE(model.FoldAll().ok());
  clock.Advance(absl::Hours(2));
  log.Add(SignUpEventForTest("late", "late@example.org", 1000));
  ASSERT_TRUE(model.FoldAll().ok());
  ASSERT_TRUE(model.step().Run().ok());
  EXPECT_EQ(model.Read("SELECT count(*) FROM changes"), "1");
}

TEST(FoldStepTest, FreshnessIsWrittenWhenIdleAndDue) {
  FakeClock clock;
  LogForTest log(clock);
  AddHistory(log, 1);
  Model model(log, clock);
  ASSERT_TRUE(model.FoldAll().ok());
  const absl::Time first = *model.Summary().fresh_as_of;
  const auto idle = [&] {
    model.step().Interrupt();
    EXPECT_TRUE(model.step().Run().ok());
  };
  clock.Advance(absl::Milliseconds(100));
  idle();
  EXPECT_EQ(model.Summary().fresh_as_of, first);
  clock.Advance(absl::Seconds(2));
  idle();
  EXPECT_EQ(model.Summary().fresh_as_of, clock.Now());
}

TEST(FoldStepTest, ProgressIsReportedAfterTheFact) {
  FakeClock clock;
  LogForTest log(clock);
  AddHistory(log, 5);
  Model model(log, clock);
  ASSERT_TRUE(model.FoldAll().ok());
  model.step().Finish();
  EXPECT_EQ(log.reported(), model.Digest().position);
}

// The reference that every interrupted fold must equal.
class CrashTest : public ::testing::Test {
 protected:
  CrashTest() : log_(clock_), disk_("roster-") { AddHistory(log_, 9); }

  // Folds with the disk failing after `writes` writes, crashes or goes on, and returns whether the fault was met.
  bool FoldWithFault(int64_t writes, int sqlite_error, bool crash, const read_model::Digest& expected) {
    Model model(log_, clock_, SmallBatches(4));
    disk_.FailAfter(writes, sqlite_error);
    const absl::Status status = model.FoldAll();
    const bool met = disk_.has_failed();
    // As a killed process: what is closed now cannot write any more either.
    if (crash) model.Restart();
    disk_.Heal();
    if (!status.ok()) {
      EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status << " at write " << writes;
    }
    model.set_end(expected.position);
    const absl::Status after = model.FoldAll();
    EXPECT_TRUE(after.ok()) << after << " at write " << writes;
    EXPECT_EQ(model.Digest(), expected) << "at write " << writes;
    EXPECT_EQ(model.DeadLetters().size(), 2u) << "at write " << writes;
    EXPECT_EQ(model.Read("PRAGMA integrity_check"), "ok") << "at write " << writes;
    return met;
  }

  read_model::Digest Reference() {
    Model model(log_, clock_);
    EXPECT_TRUE(model.FoldAll().ok());
    return model.Digest();
  }

  FakeClock clock_;
  LogForTest log_;
  sqlite::FaultyDisk disk_;
};

TEST_F(CrashTest, CrashAtAnyWriteLosesAndRepeatsNothing) {
  const read_model::Digest expected = Reference();
  int64_t writes = 0;
  while (FoldWithFault(writes, SQLITE_IOERR_WRITE, /*crash=*/true, expected) && !HasFailure()) ++writes;
  EXPECT_GT(writes, 30);
}

TEST_F(CrashTest, FullDiskIsWaitedForAtAnyWrite) {
  const read_model::Digest expected = Reference();
  int64_t writes = 0;
  while (FoldWithFault(writes, SQLITE_FULL, /*crash=*/false, expected) && !HasFailure()) ++writes;
  EXPECT_GT(writes, 30);
}

}  // namespace
}  // namespace roster::projector
