#include "projector/operator_commands.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/fake_clock.h"
#include "base/file_lock.h"
#include "base/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "projector/operator_output.h"
#include "read-model/folder.h"
#include "read-model/writer.h"
#include "user-event/event_for_test.h"

namespace roster::projector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Answer {
  std::optional<int> exit_code;
  std::string out;
  std::string err;
};

class OperatorCommandsTest : public ::testing::Test {
 protected:
  OperatorCommandsTest() {
    const read_model::Folder folder(dir_.path());
    const auto writer = read_model::Writer::Open(folder.DatabasePath(1)).value();
    EXPECT_TRUE(folder.SetCurrentGeneration(1).ok());
    read_model::DeadLetter letter{
        .id = {3, 17}, .key = std::string("\x01k"), .reason = "KEY_MISMATCH", .message = "why"};
    letter.value = user_event::SignUpEventForTest("ada", "ada@example.org").SerializeAsString();
    letter.headers = {{"event_type", "SIGNUP"}};
    EXPECT_TRUE(writer->Begin().ok());
    EXPECT_TRUE(writer->Apply(user_event::SignUpEventForTest("bob", "bob@example.org"), 0, 1, clock_.Now()).ok());
    EXPECT_TRUE(writer->SetCheckpoint({{"log", {2}}, {0}}).ok());
    EXPECT_TRUE(writer->SetFreshAsOf(clock_.Now()).ok());
    EXPECT_TRUE(writer->AddDeadLetter(letter, clock_.Now()).ok());
    EXPECT_TRUE(writer->Commit().ok());
  }

  Answer Run(std::vector<std::string> arguments) {
    CLI::App app;
    ProjectorOptions options;
    DeclareProjectorOptions(app, options);
    OperatorCommands commands(app, options);
    arguments.insert(arguments.end(), {"--read-model", dir_.path()});
    std::reverse(arguments.begin(), arguments.end());
    app.parse(arguments);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Answer answer;
    answer.exit_code = commands.RunIfAsked();
    answer.out = ::testing::internal::GetCapturedStdout();
    answer.err = ::testing::internal::GetCapturedStderr();
    return answer;
  }

  TempDir dir_;
  FakeClock clock_;
};

TEST_F(OperatorCommandsTest, WithoutSubcommandNothingRuns) { EXPECT_EQ(Run({}).exit_code, std::nullopt); }

TEST_F(OperatorCommandsTest, ListsDeadLetters) {
  const Answer table = Run({"dead-letters", "list"});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_THAT(table.out, AllOf(StartsWith("PARTITION"), HasSubstr("KEY_MISMATCH"), HasSubstr("17")));
  const Answer json = Run({"dead-letters", "list", "--output", "json"});
  EXPECT_THAT(json.out,
              AllOf(StartsWith("{\"partition\":3,\"offset\":\"17\",\"state\":\"open\""), HasSubstr("KEY_MISMATCH")));
}

TEST_F(OperatorCommandsTest, ShowsBytesAndEvent) {
  const Answer answer = Run({"dead-letters", "show", "3", "17"});
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_THAT(answer.out, AllOf(HasSubstr("\"\\001k\""), HasSubstr("event_type = \"SIGNUP\""),
                                HasSubstr("ada@example.org"), HasSubstr("signed_up")));
  const Answer missing = Run({"dead-letters", "show", "3", "18"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, HasSubstr("no dead letter"));
}

TEST_F(OperatorCommandsTest, RedriveSaysWhyALetterStaysOpen) {
  const Answer answer = Run({"dead-letters", "redrive", "--all"});
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_THAT(answer.out, HasSubstr("STILL_OPEN: KEY_MISMATCH"));
}

TEST_F(OperatorCommandsTest, DiscardedLettersAreListedOnlyWhenAskedFor) {
  EXPECT_EQ(Run({"dead-letters", "discard", "3", "17"}).exit_code, 0);
  EXPECT_THAT(Run({"dead-letters", "list"}).out, Not(HasSubstr("KEY_MISMATCH")));
  EXPECT_THAT(Run({"dead-letters", "list", "--all"}).out, HasSubstr("discarded"));
}

TEST_F(OperatorCommandsTest, SettlingWantsARecordOrAll) {
  EXPECT_EQ(Run({"dead-letters", "discard"}).exit_code, 1);
  EXPECT_ANY_THROW(Run({"dead-letters", "discard", "3"}));
  EXPECT_ANY_THROW(Run({"dead-letters", "discard", "3", "17", "--all"}));
  EXPECT_ANY_THROW(Run({"dead-letters", "show"}));
}

TEST_F(OperatorCommandsTest, ShowsStatusAndDigest) {
  EXPECT_THAT(Run({"status"}).out, AllOf(HasSubstr("not running"), HasSubstr("1 active"), HasSubstr("1 open"),
                                         HasSubstr("next offsets  2")));
  EXPECT_THAT(Run({"status", "--output", "json"}).out,
              AllOf(HasSubstr("\"next_offsets\":[\"2\"]"), HasSubstr("\"fresh_as_of\":")));
  EXPECT_THAT(Run({"digest"}).out, HasSubstr("users         1\n"));
}

TEST_F(OperatorCommandsTest, StatusSaysSoWhereTheLogDoesNotAnswer) {
  EXPECT_THAT(Run({"status", "--log", "embedded:" + dir_.File("none/log.db")}).out,
              HasSubstr("lag           unknown: "));
}

TEST_F(OperatorCommandsTest, BackupIsRestored) {
  const std::string file = dir_.File("backup");
  EXPECT_THAT(Run({"backup", file}).out, HasSubstr("as of next offsets 2"));
  EXPECT_EQ(Run({"backup", file}).exit_code, 1);
  const std::string digest = Run({"digest"}).out;
  EXPECT_EQ(Run({"restore", file}).exit_code, 0);
  EXPECT_EQ(Run({"digest"}).out, digest);
  EXPECT_THAT(Run({"status"}).out, HasSubstr("has never reached the end of the log"));
}

TEST_F(OperatorCommandsTest, NothingIsRestoredUnderARunningProjector) {
  const std::string file = dir_.File("backup");
  ASSERT_EQ(Run({"backup", file}).exit_code, 0);
  const auto lock = FileLock::Acquire(read_model::Folder(dir_.path()).LockPath()).value();
  const Answer answer = Run({"restore", file});
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_THAT(answer.err, HasSubstr("stop it first"));
}

TEST(OperatorOutputTest, LagIsShownByPartition) {
  control::ReadModelStatus status;
  status.add_next_offsets(7);
  status.add_next_offsets(9);
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  AddLag({.partitions = {{}, {.records = 3, .oldest = now - absl::Seconds(5)}}, .complete = true}, now, status);
  EXPECT_THAT(ToText(status), AllOf(HasSubstr("lag           3 records\n"),
                                    HasSubstr("partition 1   next offset 9, 3 records behind, for 5.0 s")));
}

TEST(OperatorOutputTest, LongValuesAreCutInTextOnly) {
  read_model::StoredDeadLetter stored;
  stored.letter.value = std::string(10'000, 'x');
  const control::DeadLetterDetails details = ToProto(stored);
  EXPECT_THAT(ToText(details), AllOf(HasSubstr("of 10000 bytes"), Not(HasSubstr(std::string(5000, 'x')))));
  EXPECT_EQ(details.value().size(), 10'000u);
}

TEST(ProjectorOptionsTest, DurationsAreFlagsWithTheirUnit) {
  CLI::App app;
  ProjectorOptions options;
  DeclareProjectorOptions(app, options);
  std::vector<std::string> arguments = {"--batch-ms=7", "--fresh-interval-ms=9", "--changes-retention-hours=3",
                                        "--log=kafka:a:1,b:2/users"};
  app.parse(arguments);
  EXPECT_EQ(options.fold.batch_time, absl::Milliseconds(7));
  EXPECT_EQ(options.fold.fresh_interval, absl::Milliseconds(9));
  EXPECT_EQ(options.fold.changes_retention, absl::Hours(3));
  EXPECT_EQ(TopicOf(options.log), "users");
  EXPECT_EQ(TopicOf({.log = "embedded:a/b"}), "");
}

}  // namespace
}  // namespace roster::projector
