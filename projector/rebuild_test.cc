#include "projector/rebuild.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "base/fake_clock.h"
#include "base/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "projector/fold_step.h"
#include "projector/log_for_test.h"
#include "projector/upgrade.h"
#include "read-model/inspector.h"
#include "read-model/schema.h"
#include "user-event/event_for_test.h"

namespace roster::projector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using user_event::NextEventForTest;
using user_event::SignUpEventForTest;

constexpr int kPartitions = 3;

class RebuildTest : public ::testing::Test {
 protected:
  RebuildTest() : folder_(dir_.path()), log_(clock_, kPartitions), rebuilder_(log_, folder_, clock_) {
    log_.AddGenesis();
  }

  // Users on all partitions: signed up, some changed and deleted, with records between that cannot be folded.
  void AddHistory(int users) {
    for (int i = 0; i < users; ++i, ++users_) {
      const int partition = users_ % kPartitions;
      v1::UserEvent event =
          SignUpEventForTest(absl::StrCat("user-", users_), absl::StrCat("User", users_, "@example.org"), ++sequence_);
      log_.Add(event, partition);
      if (i % 3 == 0) log_.Add(event = NextEventForTest(event, v1::USER_STATUS_INACTIVE, ++sequence_), partition);
      if (i % 4 == 0) log_.Add(NextEventForTest(event, v1::USER_STATUS_DELETED, ++sequence_), partition);
      if (i % 5 == 0) log_.Add(partition, {event.user_id(), "no event", {{"a", "b"}}});
    }
  }

  // Brings the live generation to the log's end, as a projector does.
  void FoldLive() {
    metrics::Registry registry;
    FoldMetrics metrics(registry, clock_);
    FoldStep step({}, log_, folder_, clock_, nullptr, metrics);
    do {
      step.Interrupt();
      const absl::Status folded = step.Run();
      ASSERT_TRUE(folded.ok()) << folded;
    } while (!step.caught_up());
  }

  void Execute(const std::string& sql) {
    SQLite::Database(folder_.DatabasePath(Current()), SQLite::OPEN_READWRITE).exec(sql);
  }
  std::string Read(const std::string& sql) {
    return SQLite::Database(folder_.DatabasePath(Current()), SQLite::OPEN_READONLY).execAndGet(sql).getString();
  }
  int64_t Current() { return folder_.CurrentGeneration().value().value_or(0); }
  read_model::Digest Digest() { return read_model::Inspector::Open(folder_).value()->ComputeDigest().value(); }

  std::set<std::string> Databases() {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      if (entry.path().extension() == ".db") found.insert(entry.path().filename());
    }
    return found;
  }

  absl::StatusOr<RebuildResult> Rebuild(SwitchWhen when = SwitchWhen::kEqual) {
    return rebuilder_.Run({.switch_when = when});
  }

  FakeClock clock_;
  TempDir dir_;
  const read_model::Folder folder_;
  LogForTest log_;
  Rebuilder rebuilder_;
  int users_ = 0;
  int64_t sequence_ = 0;
};

TEST_F(RebuildTest, NewGenerationTakesTheLiveOnesPlaceAndIsEqual) {
  AddHistory(50);
  FoldLive();
  const read_model::Digest before = Digest();
  const std::string counts = Read("SELECT group_concat(status || ':' || users) FROM status_counts");
  const auto result = Rebuild();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->switched);
  EXPECT_TRUE(result->comparison->equal());
  EXPECT_EQ(result->comparison->users_in_second, 50);
  EXPECT_EQ(Current(), 2);
  EXPECT_EQ(Digest(), before);
  EXPECT_EQ(Read("SELECT group_concat(status || ':' || users) FROM status_counts"), counts);
  EXPECT_EQ(Read("SELECT count(*) FROM dead_letters"), "10");
  EXPECT_NE(Read("SELECT ifnull(fresh_as_of_us, 'none') FROM read_model"), "none");
  // The fold goes on in it.
  AddHistory(5);
  FoldLive();
  EXPECT_EQ(Digest().users, 55);
}

TEST_F(RebuildTest, StandsWhereTheLiveOneStandsAlsoWhereTheLogHasMore) {
  AddHistory(50);
  FoldLive();
  const read_model::Digest before = Digest();
  AddHistory(20);
  const auto result = Rebuild();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->switched);
  EXPECT_EQ(Digest(), before);
  FoldLive();
  EXPECT_EQ(Digest().users, 70);
}

TEST_F(RebuildTest, CatchesUpWithALiveOneThatGoesOn) {
  AddHistory(50);
  FoldLive();
  int rounds = 0;
  RebuildCall call;
  call.on_progress = [&](const RebuildProgress& progress) {
    if (progress.phase == RebuildPhase::kSwitching || ++rounds > 10) return;
    AddHistory(3);
    FoldLive();
  };
  call.with_live_paused = [&](absl::FunctionRef<absl::Status()> replace) {
    // What came last before the pause.
    AddHistory(3);
    FoldLive();
    return replace();
  };
  const auto result = rebuilder_.Run(call);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->switched);
  EXPECT_EQ(Digest().users, users_);
  const read_model::Digest after = Digest();
  ASSERT_TRUE(Rebuild(SwitchWhen::kAlways).ok());
  EXPECT_EQ(Digest(), after);
}

TEST_F(RebuildTest, PlantedDifferencesAreReportedAndTheLiveOneStays) {
  AddHistory(10);
  FoldLive();
  Execute("UPDATE users SET status = 2, version = 77 WHERE user_id = 'user-7'");
  Execute("DELETE FROM users WHERE user_id = 'user-1'");
  const auto result = Rebuild();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->switched);
  ASSERT_EQ(result->comparison->differences.size(), 2u);
  EXPECT_EQ(result->comparison->differences[0].user_id, "user-1");
  EXPECT_TRUE(result->comparison->differences[0].missing_in_first);
  EXPECT_EQ(result->comparison->differences[1].user_id, "user-7");
  EXPECT_THAT(result->comparison->differences[1].columns, ElementsAre("status", "version"));
  EXPECT_EQ(Current(), 1);
  EXPECT_THAT(Databases(), ElementsAre("1.db"));
}

TEST_F(RebuildTest, AcceptedDifferencesMakeWatchesListAgain) {
  AddHistory(10);
  FoldLive();
  Execute("UPDATE users SET version = 77 WHERE user_id = 'user-7'");
  const auto result = Rebuild(SwitchWhen::kAlways);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->switched);
  EXPECT_EQ(Current(), 2);
  EXPECT_EQ(Read("SELECT version FROM users WHERE user_id = 'user-7'"), "1");
  EXPECT_NE(Read("SELECT older_applied_at_us FROM read_model"), "0");
  EXPECT_EQ(Read("SELECT count(*) FROM partitions WHERE changes_from_offset <> next_offset"), "0");
}

TEST_F(RebuildTest, EqualGenerationsKeepResumeTokensValid) {
  AddHistory(10);
  FoldLive();
  const std::string changes = "SELECT group_concat(partition || ':' || offset) FROM changes";
  const std::string before = Read(changes);
  ASSERT_TRUE(Rebuild()->switched);
  EXPECT_EQ(Read(changes), before);
  EXPECT_EQ(Read("SELECT older_applied_at_us FROM read_model"), "0");
  EXPECT_EQ(Read("SELECT max(changes_from_offset) FROM partitions"), "0");
}

TEST_F(RebuildTest, WhatAnOperatorDecidedStays) {
  AddHistory(10);
  FoldLive();
  Execute("UPDATE dead_letters SET state = 2 WHERE user_id = 'user-0'");
  ASSERT_TRUE(Rebuild()->switched);
  EXPECT_EQ(Read("SELECT group_concat(user_id || ':' || state) FROM dead_letters"), "user-0:2,user-5:0");
}

TEST_F(RebuildTest, VerifyComparesAndLeavesNothing) {
  AddHistory(10);
  FoldLive();
  const auto equal = Rebuild(SwitchWhen::kNever);
  ASSERT_TRUE(equal.ok()) << equal.status();
  EXPECT_FALSE(equal->switched);
  EXPECT_TRUE(equal->comparison->equal());
  Execute("UPDATE users SET version = 77 WHERE user_id = 'user-7'");
  EXPECT_EQ(Rebuild(SwitchWhen::kNever)->comparison->differing_users, 1);
  EXPECT_EQ(Current(), 1);
  EXPECT_THAT(Databases(), ElementsAre("1.db"));
}

TEST_F(RebuildTest, StoppedInAnyPhaseItLeavesNoTrace) {
  AddHistory(20);
  FoldLive();
  const read_model::Digest before = Digest();
  for (const RebuildPhase phase : {RebuildPhase::kFolding, RebuildPhase::kIndexing, RebuildPhase::kComparing}) {
    bool go_on = true;
    RebuildCall call;
    call.keep_going = [&] { return go_on; };
    call.on_progress = [&](const RebuildProgress& progress) { go_on = go_on && progress.phase != phase; };
    const auto result = rebuilder_.Run(call);
    // Indexing a few rows may be over before it looks.
    EXPECT_EQ(result.status().code(), absl::StatusCode::kCancelled) << static_cast<int>(phase);
    EXPECT_EQ(Current(), 1);
    EXPECT_THAT(Databases(), ElementsAre("1.db"));
    EXPECT_EQ(Digest(), before);
  }
}

TEST_F(RebuildTest, LiveOneThatCannotBePausedStays) {
  AddHistory(20);
  FoldLive();
  RebuildCall call;
  call.with_live_paused = [](absl::FunctionRef<absl::Status()>) { return absl::UnavailableError("disk full"); };
  EXPECT_EQ(rebuilder_.Run(call).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Current(), 1);
  EXPECT_THAT(Databases(), ElementsAre("1.db"));
}

TEST_F(RebuildTest, LeftoversOfAKilledOneAreRemoved) {
  AddHistory(5);
  FoldLive();
  for (const char* name : {"2.db", "2.db-wal", "7.db"}) {
    SQLite::Database(dir_.File(name), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE users (x)");
  }
  ASSERT_TRUE(Rebuild()->switched);
  EXPECT_THAT(Databases(), ElementsAre("1.db", "2.db"));
}

TEST_F(RebuildTest, WithoutALiveOneItIsMadeToTheLogsEnd) {
  AddHistory(20);
  const auto result = Rebuild();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->switched);
  EXPECT_EQ(Current(), 1);
  EXPECT_EQ(Digest().users, 20);
  EXPECT_NE(Read("SELECT ifnull(fresh_as_of_us, 'none') FROM read_model"), "none");
}

TEST_F(RebuildTest, LiveOneThatCannotBeReadIsReplacedOnlyWhenAccepted) {
  AddHistory(20);
  FoldLive();
  const int64_t users = Digest().users;
  std::filesystem::resize_file(folder_.DatabasePath(1), 0);
  std::filesystem::remove(folder_.DatabasePath(1) + "-wal");
  const auto result = Rebuild();
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_FALSE(result->switched);
  EXPECT_NE(result->not_compared, "");
  ASSERT_TRUE(Rebuild(SwitchWhen::kAlways)->switched);
  EXPECT_EQ(Digest().users, users);
}

TEST_F(RebuildTest, OneAtATime) {
  AddHistory(5);
  FoldLive();
  absl::Status second;
  RebuildCall call;
  call.on_progress = [&](const RebuildProgress&) { second = Rebuild().status(); };
  ASSERT_TRUE(rebuilder_.Run(call).ok());
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Rebuild().ok());
}

TEST_F(RebuildTest, LogThatFailsForAWhileIsWaitedFor) {
  AddHistory(5);
  FoldLive();
  log_.FailPolls(3, absl::UnavailableError("no broker"));
  log_.FailOpens(2);
  EXPECT_TRUE(Rebuild()->switched);
  log_.FailPolls(1, absl::DataLossError("damaged"));
  EXPECT_EQ(Rebuild().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Current(), 2);
}

TEST_F(RebuildTest, RecordsThatWereCompactedAwayAreNotWaitedFor) {
  v1::UserEvent event = SignUpEventForTest("ada", "ada@example.org", ++sequence_);
  log_.Add(event, 1);
  const int64_t last = log_.Add(event = NextEventForTest(event, v1::USER_STATUS_INACTIVE, ++sequence_), 1);
  FoldLive();
  log_.Add(NextEventForTest(event, v1::USER_STATUS_ACTIVE, ++sequence_), 1);
  log_.Compact(1, last);
  // The user cannot be what the live one says: that record is gone.
  const auto result = Rebuild(SwitchWhen::kAlways);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->position.next_offsets[1], last + 1);
  FoldLive();
  EXPECT_EQ(Read("SELECT version FROM users"), "3");
}

TEST_F(RebuildTest, OfAnotherLogIsRefused) {
  AddHistory(5);
  FoldLive();
  LogForTest other(clock_, kPartitions, "0190a0a0-0000-7000-8000-000000000002");
  other.AddGenesis();
  EXPECT_EQ(Rebuilder(other, folder_, clock_).Run({}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Current(), 1);
}

class UpgradeTest : public RebuildTest {
 protected:
  // Makes the live generation what schema 2 was.
  void MakeOld(int version = 2) {
    Execute("ALTER TABLE read_model DROP COLUMN made_at_us");
    Execute(absl::StrCat("PRAGMA user_version = ", version));
  }
  absl::Status Upgrade() {
    return UpgradeReadModel(rebuilder_, folder_, Current(), [] { return true; });
  }
};

TEST_F(UpgradeTest, OlderSchemaIsMadeAnewAndThenFoldedOn) {
  AddHistory(20);
  FoldLive();
  MakeOld();
  const read_model::Digest before = Digest();
  AddHistory(3);
  const absl::Status upgraded = Upgrade();
  ASSERT_TRUE(upgraded.ok()) << upgraded;
  EXPECT_EQ(Current(), 2);
  EXPECT_EQ(Digest(), before);
  EXPECT_EQ(Read("PRAGMA user_version"), absl::StrCat(read_model::kSchemaVersion));
  FoldLive();
  EXPECT_EQ(Digest().users, 23);
}

TEST_F(UpgradeTest, PresentSchemaStays) {
  AddHistory(2);
  FoldLive();
  ASSERT_TRUE(Upgrade().ok());
  EXPECT_EQ(Current(), 1);
}

TEST_F(UpgradeTest, UsersThatDifferAreNotReplacedUnasked) {
  AddHistory(20);
  FoldLive();
  Execute("UPDATE users SET version = 77 WHERE user_id = 'user-7'");
  MakeOld();
  const absl::Status refused = Upgrade();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("1 users are not what the log says (user-7)"));
  EXPECT_EQ(Current(), 1);
  EXPECT_TRUE(Rebuild(SwitchWhen::kAlways)->switched);
}

TEST_F(UpgradeTest, SchemaThatNobodyServesAnyMoreIsReplacedUncompared) {
  AddHistory(20);
  FoldLive();
  MakeOld(read_model::kOldestReadableSchemaVersion - 1);
  ASSERT_TRUE(Upgrade().ok());
  EXPECT_EQ(Current(), 2);
  EXPECT_EQ(Digest().users, 20);
}

TEST_F(UpgradeTest, WatchesListAgainWhereTheOldOneCouldNotBeCompared) {
  AddHistory(20);
  FoldLive();
  Execute("DELETE FROM changes WHERE offset < 5");
  Execute("UPDATE partitions SET changes_from_offset = 5");
  MakeOld(read_model::kOldestReadableSchemaVersion - 1);
  ASSERT_TRUE(Upgrade().ok());
  EXPECT_NE(Read("SELECT older_applied_at_us FROM read_model"), "0");
  EXPECT_EQ(Read("SELECT count(*) FROM partitions WHERE changes_from_offset <> next_offset"), "0");
}

}  // namespace
}  // namespace roster::projector
