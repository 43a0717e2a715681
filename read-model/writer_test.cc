#include "read-model/writer.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "base/temp_dir.h"
#include "gtest/gtest.h"
#include "read-model/schema.h"

namespace roster::read_model {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr char kLogId[] = "0190a0a0-0000-7000-8000-000000000001";

v1::UserEvent Event(const std::string& user_id, int64_t version, v1::UserStatus status = v1::USER_STATUS_ACTIVE) {
  v1::UserEvent event;
  event.set_event_id(absl::StrCat("event-", user_id, "-", version));
  event.set_sequence(version);
  event.set_user_id(user_id);
  event.set_user_version(version);
  v1::User& user = *event.mutable_user();
  user.set_user_id(user_id);
  user.set_email(absl::StrCat(user_id, "@Example.ORG"));
  user.set_status(status);
  user.set_version(version);
  user.mutable_create_time()->set_seconds(1'600'000'000);
  return event;
}

class WriterTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    writer_.reset();
    auto opened = Writer::Open(path_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    writer_ = *std::move(opened);
  }

  void Begin() { ASSERT_TRUE(writer_->Begin().ok()); }
  void Commit() {
    const absl::Status status = writer_->Commit();
    ASSERT_TRUE(status.ok()) << status;
  }

  Applied Apply(const v1::UserEvent& event, int64_t offset, int32_t partition = 0, absl::Time now = kNow) {
    const auto applied = writer_->Apply(event, partition, offset, now);
    EXPECT_TRUE(applied.ok()) << applied.status();
    return *applied;
  }

  void SetPosition(std::vector<int64_t> next_offsets) {
    Checkpoint checkpoint;
    checkpoint.position = {kLogId, next_offsets};
    for (const int64_t offset : next_offsets) checkpoint.last_checksums.push_back(~static_cast<uint64_t>(offset));
    const absl::Status status = writer_->SetCheckpoint(checkpoint);
    ASSERT_TRUE(status.ok()) << status;
  }

  // What a reader in another process sees: the rows of `sql`, columns separated by '|', rows by ' '.
  std::string Read(const std::string& sql) const {
    SQLite::Database database(path_, SQLite::OPEN_READONLY);
    SQLite::Statement statement(database, sql);
    std::string result;
    while (statement.executeStep()) {
      if (!result.empty()) result += " ";
      for (int i = 0; i < statement.getColumnCount(); ++i) {
        const SQLite::Column column = statement.getColumn(i);
        absl::StrAppend(&result, i > 0 ? "|" : "", column.isNull() ? "NULL" : column.getString());
      }
    }
    return result;
  }

  TempDir dir_;
  const std::string path_ = dir_.File("1.db");
  std::unique_ptr<Writer> writer_;
};

TEST_F(WriterTest, AppliesVersionsInOrder) {
  Begin();
  EXPECT_EQ(Apply(Event("a", 1), 10), Applied::kYes);
  EXPECT_EQ(Apply(Event("a", 2, v1::USER_STATUS_INACTIVE), 11), Applied::kYes);
  Commit();
  EXPECT_EQ(Read("SELECT user_id, version, status, sequence, event_id, partition, offset FROM users"),
            "a|2|2|2|event-a-2|0|11");
  EXPECT_EQ(Read("SELECT create_time_us FROM users"), "1600000000000000");
  EXPECT_EQ(Read("SELECT partition, offset, user_row FROM changes"), "0|10|1 0|11|1");
  EXPECT_EQ(Read(absl::StrCat("SELECT count(*) FROM changes WHERE folded_at_us = ", absl::ToUnixMicros(kNow))), "2");
}

TEST_F(WriterTest, TheWriteAheadLogMovesIntoTheFileOnceThereIsNothingToFold) {
  Begin();
  for (int i = 0; i < 20'000; ++i) Apply(Event(absl::StrCat("user-", i), 1), i);
  SetPosition({20'000});
  Commit();
  Begin();
  Apply(Event("user-0", 2), 20'000);
  SetPosition({20'001});
  Commit();
  const auto log_bytes = std::filesystem::file_size(path_ + "-wal");
  ASSERT_GT(log_bytes, 1'000 * 4096);
  EXPECT_LT(std::filesystem::file_size(path_), log_bytes / 2) << "moved while there was something to fold";
  Begin();
  ASSERT_TRUE(writer_->SetFreshAsOf(kNow).ok());
  Commit();
  EXPECT_GT(std::filesystem::file_size(path_), log_bytes / 2);
  EXPECT_EQ(Read("SELECT version FROM users WHERE user_id = 'user-0'"), "2");
}

TEST_F(WriterTest, RepeatedOrOlderEventChangesNothing) {
  Begin();
  ASSERT_EQ(Apply(Event("a", 3), 10), Applied::kYes);
  EXPECT_EQ(Apply(Event("a", 3), 11), Applied::kOutdated);
  EXPECT_EQ(Apply(Event("a", 2, v1::USER_STATUS_DELETED), 12), Applied::kOutdated);
  Commit();
  EXPECT_EQ(Read("SELECT version, status, offset FROM users"), "3|1|10");
  EXPECT_EQ(Read("SELECT offset FROM changes"), "10");
  EXPECT_EQ(Read("SELECT status, users FROM status_counts"), "1|1");
}

TEST_F(WriterTest, SameVersionByAnotherEventIsAConflict) {
  Begin();
  ASSERT_EQ(Apply(Event("a", 1), 10), Applied::kYes);
  v1::UserEvent rival = Event("a", 1, v1::USER_STATUS_INACTIVE);
  rival.set_event_id("another");
  EXPECT_EQ(Apply(rival, 11), Applied::kVersionConflict);
  Commit();
  EXPECT_EQ(Read("SELECT event_id, status FROM users"), "event-a-1|1");
  EXPECT_EQ(Read("SELECT offset FROM changes"), "10");
}

TEST_F(WriterTest, EmailKeyIsLowerCaseAndAbsentWhenDeleted) {
  Begin();
  Apply(Event("a", 1), 1);
  Apply(Event("b", 1), 2);
  Apply(Event("b", 2, v1::USER_STATUS_DELETED), 3);
  Commit();
  EXPECT_EQ(Read("SELECT user_id, email_key FROM users ORDER BY user_id"), "a|a@example.org b|NULL");
  // The index follows, so that a look-up by address finds what the rows say.
  EXPECT_EQ(Read("SELECT user_id FROM users INDEXED BY users_by_email WHERE email_key IS NOT NULL"), "a");
}

TEST_F(WriterTest, UpdateSetsEveryIndexedColumnThatChanged) {
  Begin();
  Apply(Event("a", 1), 1);
  v1::UserEvent event = Event("a", 2, v1::USER_STATUS_INACTIVE);
  event.mutable_user()->set_email("new@example.org");
  event.mutable_user()->mutable_create_time()->set_seconds(5);
  Apply(event, 2);
  Commit();
  EXPECT_EQ(Read("SELECT email_key, status, create_time_us FROM users"), "new@example.org|2|5000000");
  EXPECT_EQ(Read("PRAGMA integrity_check"), "ok");
}

TEST_F(WriterTest, CountsUsersByStatus) {
  Begin();
  for (const std::string id : {"a", "b", "c"}) Apply(Event(id, 1), 1 + id[0]);
  Apply(Event("a", 2, v1::USER_STATUS_INACTIVE), 1000);
  Commit();
  Begin();
  Apply(Event("b", 2, v1::USER_STATUS_DELETED), 1001);
  Commit();
  EXPECT_EQ(Read("SELECT status, users FROM status_counts ORDER BY status"), "1|1 2|1 3|1");
}

TEST_F(WriterTest, PositionIsPartOfTheTransaction) {
  Begin();
  Apply(Event("a", 1), 6, 1);
  SetPosition({3, 7});
  EXPECT_EQ(Read("SELECT count(*) FROM partitions"), "0");
  Commit();
  Open();
  const auto checkpoint = writer_->ReadCheckpoint();
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->position, (Position{kLogId, {3, 7}}));
  EXPECT_EQ(checkpoint->last_checksums, (std::vector<uint64_t>{~uint64_t{3}, ~uint64_t{7}}));
}

TEST_F(WriterTest, RollbackLeavesNothing) {
  Begin();
  SetPosition({1});
  Commit();
  Begin();
  Apply(Event("a", 1), 1);
  ASSERT_TRUE(writer_->AddDeadLetter({.id = {0, 2}, .reason = "NO_VALUE"}, kNow).ok());
  SetPosition({3});
  writer_->Rollback();
  EXPECT_EQ(writer_->ReadCheckpoint()->position.next_offsets, std::vector<int64_t>{1});
  Begin();
  Commit();
  EXPECT_EQ(Read("SELECT count(*) FROM users"), "0");
  EXPECT_EQ(Read("SELECT count(*) FROM changes"), "0");
  EXPECT_EQ(Read("SELECT count(*) FROM dead_letters"), "0");
  EXPECT_EQ(Read("SELECT count(*) FROM status_counts"), "0");
}

TEST_F(WriterTest, DeadLettersKeepTheRawBytes) {
  DeadLetter letter;
  letter.id = {2, 9};
  letter.key = std::string("k\0\xff", 3);
  letter.value = std::string(5 << 20, '\xfe');
  letter.headers = {{"a", std::string("\0x", 2)}, {"a", ""}, {"", "y"}};
  letter.user_id = "u";
  letter.reason = "NOT_A_USER_EVENT";
  letter.message = "why";
  Begin();
  ASSERT_TRUE(writer_->AddDeadLetter(letter, kNow).ok());
  ASSERT_TRUE(writer_->AddDeadLetter({.id = {2, 10}, .value = "", .reason = "NO_VALUE"}, kNow).ok());
  Commit();
  const auto stored = writer_->ReadDeadLetter({2, 9});
  ASSERT_TRUE(stored.ok() && stored->has_value());
  EXPECT_EQ((*stored)->letter.key, letter.key);
  EXPECT_TRUE((*stored)->letter.value == letter.value);
  EXPECT_EQ((*stored)->letter.headers, letter.headers);
  EXPECT_EQ((*stored)->letter.user_id, "u");
  EXPECT_EQ((*stored)->letter.reason, "NOT_A_USER_EVENT");
  EXPECT_EQ((*stored)->letter.message, "why");
  EXPECT_EQ((*stored)->folded_at, kNow);
  EXPECT_EQ((*stored)->state, DeadLetterState::kOpen);
  EXPECT_FALSE((*stored)->copied);
  const auto bare = writer_->ReadDeadLetter({2, 10});
  ASSERT_TRUE(bare.ok() && bare->has_value());
  EXPECT_EQ((*bare)->letter.key, std::nullopt);
  EXPECT_EQ((*bare)->letter.value, "");
  EXPECT_EQ((*bare)->letter.user_id, std::nullopt);
  EXPECT_FALSE(writer_->ReadDeadLetter({2, 11})->has_value());
}

TEST_F(WriterTest, ListsOpenDeadLettersInOrder) {
  Begin();
  for (const DeadLetterId id : {DeadLetterId{1, 1}, {0, 5}, {0, 2}, {1, 0}}) {
    ASSERT_TRUE(writer_->AddDeadLetter({.id = id, .reason = "NO_VALUE"}, kNow).ok());
  }
  ASSERT_TRUE(writer_->SetDeadLetterState({0, 5}, DeadLetterState::kDiscarded).ok());
  ASSERT_TRUE(writer_->MarkDeadLetterCopied({0, 2}).ok());
  Commit();
  EXPECT_EQ(*writer_->ListOpenDeadLetters(std::nullopt, 2), (std::vector<DeadLetterId>{{0, 2}, {1, 0}}));
  EXPECT_EQ(*writer_->ListOpenDeadLetters(DeadLetterId{1, 0}, 2), (std::vector<DeadLetterId>{{1, 1}}));
  EXPECT_EQ(Read("SELECT state, copied FROM dead_letters ORDER BY partition, offset"), "0|1 2|0 0|0 0|0");
}

TEST_F(WriterTest, UnknownFieldsOfAUserSurvive) {
  v1::UserEvent event = Event("a", 1);
  event.mutable_user()
      ->GetReflection()
      ->MutableUnknownFields(event.mutable_user())
      ->AddLengthDelimited(1000, "from tomorrow");
  Begin();
  Apply(event, 1);
  Commit();
  SQLite::Database database(path_, SQLite::OPEN_READONLY);
  v1::User user;
  ASSERT_TRUE(user.ParseFromString(database.execAndGet("SELECT user FROM users").getString()));
  EXPECT_EQ(user.GetReflection()->GetUnknownFields(user).field(0).length_delimited(), "from tomorrow");
}

TEST_F(WriterTest, EqualUsersHaveEqualBytes) {
  v1::UserEvent first = Event("a", 1);
  v1::UserEvent second = Event("b", 1);
  for (int i = 0; i < 40; ++i) {
    (*first.mutable_user()->mutable_labels())[absl::StrCat("label", i)] = "x";
    (*second.mutable_user()->mutable_labels())[absl::StrCat("label", 39 - i)] = "x";
  }
  *second.mutable_user() = [&] {
    v1::User user = second.user();
    user.set_user_id("a");
    user.set_email(first.user().email());
    return user;
  }();
  Begin();
  Apply(first, 1);
  Apply(second, 2);
  Commit();
  EXPECT_EQ(Read("SELECT count(DISTINCT user) FROM users"), "1");
}

TEST_F(WriterTest, PruningMovesTheHorizonOfChanges) {
  Begin();
  for (int i = 0; i < 10; ++i) Apply(Event(absl::StrCat("u", i), 1), 2 * i, 0, kNow + absl::Seconds(i));
  Apply(Event("other", 1), 5, 1, kNow + absl::Seconds(100));
  SetPosition({19, 6});
  EXPECT_EQ(*writer_->PruneChanges(kNow + absl::Seconds(4), 3), 3);
  Commit();
  EXPECT_EQ(Read("SELECT changes_from_offset FROM partitions ORDER BY partition"), "5 0");
  EXPECT_EQ(Read("SELECT min(offset), count(*) FROM changes WHERE partition = 0"), "6|7");
  Begin();
  EXPECT_EQ(*writer_->PruneChanges(kNow + absl::Seconds(4), 1000), 1);
  EXPECT_EQ(*writer_->PruneChanges(kNow + absl::Seconds(4), 1000), 0);
  Commit();
  EXPECT_EQ(Read("SELECT changes_from_offset FROM partitions ORDER BY partition"), "7 0");
}

TEST_F(WriterTest, HorizonMovesToThePosition) {
  Begin();
  SetPosition({19, 6});
  ASSERT_TRUE(writer_->MoveChangesHorizonToPosition().ok());
  Commit();
  EXPECT_EQ(Read("SELECT changes_from_offset FROM partitions ORDER BY partition"), "19 6");
  // Pruning what stands before the horizon does not move it back.
  Begin();
  Apply(Event("a", 1), 3);
  EXPECT_EQ(*writer_->PruneChanges(kNow + absl::Seconds(1), 1000), 1);
  Commit();
  EXPECT_EQ(Read("SELECT changes_from_offset FROM partitions ORDER BY partition"), "19 6");
}

TEST_F(WriterTest, FreshAsOfIsUnknownAtFirst) {
  EXPECT_EQ(Read("SELECT fresh_as_of_us, log_id FROM read_model"), "NULL|");
  Begin();
  ASSERT_TRUE(writer_->SetFreshAsOf(kNow).ok());
  Commit();
  EXPECT_EQ(Read("SELECT fresh_as_of_us FROM read_model"), absl::StrCat(absl::ToUnixMicros(kNow)));
}

TEST_F(WriterTest, WalStaysForReadersAfterClose) {
  Begin();
  Apply(Event("a", 1), 1);
  Commit();
  writer_.reset();
  EXPECT_TRUE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_TRUE(std::filesystem::exists(path_ + "-shm"));
  EXPECT_EQ(Read("SELECT user_id FROM users"), "a");
}

TEST_F(WriterTest, LockedFileIsUnavailableAndPasses) {
  SQLite::Database other(path_, SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  EXPECT_EQ(writer_->Begin().code(), absl::StatusCode::kUnavailable);
  other.exec("ROLLBACK");
  Begin();
  EXPECT_EQ(Apply(Event("a", 1), 1), Applied::kYes);
  Commit();
}

// A generation that takes the place of the fixture's.
class NewGenerationTest : public WriterTest {
 protected:
  void MakeNew() {
    auto made = Writer::MakeNew(new_path_);
    ASSERT_TRUE(made.ok()) << made.status();
    new_writer_ = *std::move(made);
  }
  void CompleteNew() {
    const absl::Status completed = Writer::CompleteNew(std::move(new_writer_), [] { return true; });
    ASSERT_TRUE(completed.ok()) << completed;
    new_writer_ = Writer::Open(new_path_).value();
  }
  void FoldInNew(const std::vector<v1::UserEvent>& events) {
    ASSERT_TRUE(new_writer_->Begin().ok());
    int64_t offset = 0;
    for (const v1::UserEvent& event : events) ASSERT_TRUE(new_writer_->Apply(event, 0, ++offset, kNow).ok());
    ASSERT_TRUE(new_writer_->SetCheckpoint({{kLogId, {offset + 1}}, {0}}).ok());
    ASSERT_TRUE(new_writer_->Commit().ok());
  }
  std::string ReadNew(const std::string& sql) {
    return SQLite::Database(new_path_, SQLite::OPEN_READONLY).execAndGet(sql).getString();
  }

  const std::string new_path_ = path_ + ".new";
  std::unique_ptr<Writer> new_writer_;
};

TEST_F(NewGenerationTest, HasTheTablesAndIndexesOfAnOpenedOneOnceCompleted) {
  MakeNew();
  FoldInNew({Event("a", 1), Event("b", 1), Event("a", 2, v1::USER_STATUS_INACTIVE)});
  // Nothing else takes it for a read model before.
  EXPECT_FALSE(Writer::Open(new_path_).ok());
  CompleteNew();
  FoldInNew({Event("a", 1), Event("b", 1), Event("a", 2), Event("c", 1)});
  const std::string schema = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master ORDER BY name)";
  EXPECT_EQ(ReadNew(schema), Read(schema));
  EXPECT_EQ(ReadNew("PRAGMA user_version"), Read("PRAGMA user_version"));
  EXPECT_EQ(ReadNew("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(ReadNew("SELECT group_concat(user_id || version) FROM users ORDER BY user_id"), "a2,b1,c1");
  EXPECT_NE(ReadNew("SELECT made_at_us FROM read_model"), "0");
}

TEST_F(NewGenerationTest, FileThatIsThereIsNotMadeNew) {
  EXPECT_EQ(Writer::MakeNew(path_).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(NewGenerationTest, IndexingEndsWhenAskedTo) {
  MakeNew();
  std::vector<v1::UserEvent> events;
  for (int i = 0; i < 20'000; ++i) events.push_back(Event(absl::StrCat("user-", i), 1));
  FoldInNew(events);
  EXPECT_EQ(Writer::CompleteNew(std::move(new_writer_), [] { return false; }).code(), absl::StatusCode::kCancelled);
}

TEST_F(NewGenerationTest, OmittedChangesAreNotKeptAndTheHorizonIsTakenOver) {
  Begin();
  Apply(Event("a", 1), 1);
  Apply(Event("b", 1), 2);
  SetPosition({3});
  Commit();
  Begin();
  EXPECT_EQ(writer_->PruneChanges(kNow + absl::Seconds(1), 1).value(), 1);
  Commit();
  MakeNew();
  new_writer_->OmitChangesBefore({2});
  FoldInNew({Event("a", 1), Event("b", 1)});
  CompleteNew();
  ASSERT_TRUE(new_writer_->TakeOver(path_).ok());
  EXPECT_EQ(ReadNew("SELECT group_concat(offset) FROM changes"), "2");
  EXPECT_EQ(ReadNew("SELECT changes_from_offset FROM partitions"), "2");
  EXPECT_EQ(ReadNew("SELECT group_concat(user_id) FROM users"), "a,b");
}

TEST_F(NewGenerationTest, TakesOverWhatTheLogDoesNotTell) {
  const DeadLetter open{.id = {0, 3}, .reason = "MALFORMED"};
  const DeadLetter discarded{.id = {0, 4}, .reason = "MALFORMED"};
  const DeadLetter only_live{.id = {0, 5}, .reason = "MALFORMED"};
  const absl::Time earlier = kNow - absl::Hours(1);
  Begin();
  for (const DeadLetter* letter : {&open, &discarded, &only_live}) {
    ASSERT_TRUE(writer_->AddDeadLetter(*letter, earlier).ok());
  }
  ASSERT_TRUE(writer_->SetDeadLetterState(discarded.id, DeadLetterState::kDiscarded).ok());
  ASSERT_TRUE(writer_->MarkDeadLetterCopied(open.id).ok());
  SetPosition({6});
  ASSERT_TRUE(writer_->SetFreshAsOf(kNow).ok());
  ASSERT_TRUE(writer_->MoveChangesHorizonToPosition().ok());
  Commit();
  MakeNew();
  FoldInNew({Event("a", 1)});
  CompleteNew();
  ASSERT_TRUE(new_writer_->Begin().ok());
  for (const DeadLetter* letter : {&open, &discarded}) ASSERT_TRUE(new_writer_->AddDeadLetter(*letter, kNow).ok());
  ASSERT_TRUE(new_writer_->Commit().ok());

  const absl::Status taken = new_writer_->TakeOver(path_);
  ASSERT_TRUE(taken.ok()) << taken;
  EXPECT_EQ(ReadNew("SELECT group_concat(offset || ':' || state || ':' || copied) FROM dead_letters"), "3:0:1,4:2:0");
  EXPECT_EQ(ReadNew("SELECT min(folded_at_us) FROM dead_letters"), Read("SELECT min(folded_at_us) FROM dead_letters"));
  for (const char* column : {"fresh_as_of_us", "older_applied_at_us"}) {
    const std::string sql = absl::StrCat("SELECT ", column, " FROM read_model");
    EXPECT_EQ(ReadNew(sql), Read(sql));
    EXPECT_NE(ReadNew(sql), "0");
  }
  // And writes on.
  FoldInNew({Event("a", 1), Event("b", 1)});
  EXPECT_TRUE(new_writer_->Sync().ok());
}

TEST(WriterOpenTest, DamagedFileIsDataLoss) {
  TempDir dir;
  std::ofstream(dir.File("1.db")) << std::string(8192, 'x');
  const auto opened = Writer::Open(dir.File("1.db"));
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(opened.status().message().find("1.db"), absl::string_view::npos);
}

TEST(WriterOpenTest, OtherSchemaIsRefused) {
  TempDir dir;
  SQLite::Database(dir.File("1.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion + 1));
  EXPECT_EQ(Writer::Open(dir.File("1.db")).status().code(), absl::StatusCode::kFailedPrecondition);
  SQLite::Database(dir.File("2.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE theirs (x)");
  EXPECT_EQ(Writer::Open(dir.File("2.db")).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(WriterOpenTest, MissingFolderIsRefused) {
  TempDir dir;
  EXPECT_EQ(Writer::Open(dir.File("none/1.db")).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace roster::read_model
