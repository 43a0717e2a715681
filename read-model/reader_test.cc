#include "read-model/reader.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/consistency_token.h"
#include "base/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "read-model/schema.h"
#include "read-model/writer.h"
#include "roster/v1/user.pb.h"

namespace roster::read_model {
namespace {

using testing::ElementsAre;

constexpr char kLogId[] = "0190a000-0000-7000-8000-000000000001";
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class ReaderTest : public testing::Test {
 protected:
  ReaderTest() : folder_(dir_.path()), reader_(folder_) {}

  // Makes a generation that holds `users` (user_id, e-mail, status, second of creation), and makes it current.
  struct UserToPut {
    std::string user_id;
    std::string email;
    v1::UserStatus status = v1::USER_STATUS_ACTIVE;
    int64_t created_s = 0;
  };
  void Make(int64_t generation, const std::vector<UserToPut>& users) {
    writer_ = Writer::Open(folder_.DatabasePath(generation)).value();
    checkpoint_ = {.position = StartOf(kLogId, 1), .last_checksums = {0}};
    Put(users);
    ASSERT_TRUE(folder_.SetCurrentGeneration(generation).ok());
    reader_.LookAgain();
  }
  void Put(const std::vector<UserToPut>& users) {
    ASSERT_TRUE(writer_->Begin().ok());
    for (const UserToPut& put : users) {
      v1::UserEvent event;
      const int64_t offset = checkpoint_.position.next_offsets[0]++;
      event.set_event_id(absl::StrCat("e", offset));
      event.set_sequence(offset + 1);
      event.set_user_id(put.user_id);
      event.set_user_version(++versions_[put.user_id]);
      v1::User& user = *event.mutable_user();
      user.set_user_id(put.user_id);
      user.set_email(put.email);
      user.set_status(put.status);
      user.set_version(event.user_version());
      user.mutable_create_time()->set_seconds(put.created_s);
      event.mutable_updated();
      ASSERT_EQ(writer_->Apply(event, 0, offset, kNow).value(), Applied::kYes);
    }
    ASSERT_TRUE(writer_->SetCheckpoint(checkpoint_).ok());
    ASSERT_TRUE(writer_->SetFreshAsOf(kNow).ok());
    ASSERT_TRUE(writer_->Commit().ok());
  }

  static UserScan ScanOf(UserOrder order,
                         std::vector<int> statuses = {v1::USER_STATUS_ACTIVE, v1::USER_STATUS_INACTIVE}) {
    UserScan scan{.order = order, .with_user_ids = true};
    for (const int status : statuses) scan.statuses.Add(status);
    return scan;
  }

  // All that the scan finds, `step` rows at a time.
  std::vector<std::string> ScanAll(const UserScan& scan, int step) {
    std::vector<std::string> found;
    std::optional<UserKey> from;
    do {
      Snapshot snapshot = reader_.Begin().value();
      int taken = 0;
      from = snapshot
                 .ScanUsers(scan, from, 1000,
                            [&](const UserRow& row) {
                              if (taken == step) return false;
                              ++taken;
                              found.push_back(std::string(row.user_id));
                              return true;
                            })
                 .value();
    } while (from);
    return found;
  }

  TempDir dir_;
  Folder folder_;
  std::unique_ptr<Writer> writer_;
  Checkpoint checkpoint_;
  std::map<std::string, int64_t> versions_;
  Reader reader_;
};

TEST_F(ReaderTest, ReadsNothingAndMakesNothingWhereThereIsNothing) {
  EXPECT_EQ(reader_.Begin().status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
  Reader nowhere(Folder(dir_.File("no/such/folder")));
  EXPECT_EQ(nowhere.Begin().status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ReaderTest, SnapshotStandsStillWhileTheWriterGoesOn) {
  Make(1, {{"a", "a@example.com"}});
  {
    Snapshot snapshot = reader_.Begin().value();
    Put({{"b", "b@example.com"}});
    EXPECT_EQ(snapshot.head().position.next_offsets[0], 1);
    EXPECT_FALSE(snapshot.FindUser("b").value().has_value());
  }
  Snapshot snapshot = reader_.Begin().value();
  EXPECT_EQ(snapshot.head().position, checkpoint_.position);
  EXPECT_EQ(DecodeConsistencyToken(snapshot.consistency_token()).value(), checkpoint_.position);
  EXPECT_TRUE(snapshot.FindUser("b").value().has_value());
  EXPECT_EQ(snapshot.head().fresh_as_of, kNow);
}

TEST_F(ReaderTest, ReadsWithTheWriterGone) {
  Make(1, {{"a", "a@example.com"}});
  writer_ = nullptr;
  EXPECT_TRUE(reader_.Begin()->FindUser("a").value().has_value());
}

TEST_F(ReaderTest, StoredBytesAreTheUser) {
  Make(1, {{"a", "A@example.com"}});
  Snapshot snapshot = reader_.Begin().value();
  const UserRow row = snapshot.FindUserByEmail("a@example.com").value().value();
  v1::User user;
  ASSERT_TRUE(user.ParseFromArray(row.user.data(), static_cast<int>(row.user.size())));
  EXPECT_EQ(user.email(), "A@example.com");
  EXPECT_EQ(row.status, v1::USER_STATUS_ACTIVE);
}

TEST_F(ReaderTest, ScansPageOverTiesInEveryOrder) {
  Make(1, {{"d", "same@example.com", v1::USER_STATUS_ACTIVE, 1},
           {"b", "same@example.com", v1::USER_STATUS_ACTIVE, 1},
           {"a", "same@example.com", v1::USER_STATUS_ACTIVE, 1},
           {"c", "same@example.com", v1::USER_STATUS_ACTIVE, 1}});
  for (const int step : {1, 2, 3, 4, 5}) {
    for (const UserOrder order : {UserOrder::kCreateTime, UserOrder::kEmail, UserOrder::kUserId}) {
      EXPECT_THAT(ScanAll(ScanOf(order), step), ElementsAre("a", "b", "c", "d"));
      EXPECT_THAT(ScanAll(ScanOf(order, {v1::USER_STATUS_ACTIVE}), step), ElementsAre("a", "b", "c", "d"));
    }
    for (const UserOrder order :
         {UserOrder::kCreateTimeDescending, UserOrder::kEmailDescending, UserOrder::kUserIdDescending}) {
      EXPECT_THAT(ScanAll(ScanOf(order), step), ElementsAre("d", "c", "b", "a"));
      EXPECT_THAT(ScanAll(ScanOf(order, {v1::USER_STATUS_ACTIVE}), step), ElementsAre("d", "c", "b", "a"));
    }
  }
}

TEST_F(ReaderTest, ScanStopsAtTheRowsItMayLookAtAndGoesOnFromThere) {
  std::vector<UserToPut> users;
  for (int i = 0; i < 50; ++i) users.push_back({absl::StrCat("u", 10 + i), absl::StrCat("u", i, "@example.com")});
  users.push_back({"z", "z@example.com", v1::USER_STATUS_INACTIVE});
  Make(1, users);
  const UserScan scan = ScanOf(UserOrder::kUserId, {v1::USER_STATUS_INACTIVE});
  std::optional<UserKey> from;
  std::vector<std::string> found;
  int steps = 0;
  Snapshot snapshot = reader_.Begin().value();
  do {
    const auto take = [&](const UserRow& row) {
      found.push_back(std::string(row.user_id));
      return true;
    };
    from = snapshot.ScanUsers(scan, from, 10, take).value();
    ++steps;
  } while (from);
  EXPECT_THAT(found, ElementsAre("z"));
  EXPECT_EQ(steps, 6);
}

TEST_F(ReaderTest, DeletedUsersAreFoundByIdAndHaveNoAddress) {
  Make(1, {{"a", "a@example.com"}, {"a", "a@example.com", v1::USER_STATUS_DELETED}});
  Snapshot snapshot = reader_.Begin().value();
  EXPECT_EQ(snapshot.FindUser("a").value()->status, v1::USER_STATUS_DELETED);
  EXPECT_FALSE(snapshot.FindUserByEmail("a@example.com").value().has_value());
  EXPECT_EQ(snapshot.CountUsers().value()[v1::USER_STATUS_DELETED], 1);
}

TEST_F(ReaderTest, FollowsToAnotherGenerationAndToAFileMadeAnew) {
  Make(1, {{"a", "a@example.com"}});
  EXPECT_TRUE(reader_.Begin()->FindUser("a").value().has_value());
  versions_.clear();
  Make(2, {{"b", "b@example.com"}});
  EXPECT_TRUE(reader_.Begin()->FindUser("b").value().has_value());
  EXPECT_FALSE(reader_.Begin()->FindUser("a").value().has_value());
  writer_ = nullptr;
  for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) std::filesystem::remove(entry.path());
  reader_.LookAgain();
  EXPECT_EQ(reader_.Begin().status().code(), absl::StatusCode::kNotFound);
  versions_.clear();
  Make(2, {{"c", "c@example.com"}});
  EXPECT_TRUE(reader_.Begin()->FindUser("c").value().has_value());
}

TEST_F(ReaderTest, FileCutShortIsAnErrorNotACrash) {
  std::vector<UserToPut> users;
  for (int i = 0; i < 2000; ++i) users.push_back({absl::StrCat("u", i), absl::StrCat("u", i, "@example.com")});
  Make(1, users);
  writer_ = nullptr;
  SQLite::Database(folder_.DatabasePath(1), SQLite::OPEN_READWRITE).exec("PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_TRUE(reader_.Begin()->FindUser("u1999").value().has_value());
  std::filesystem::resize_file(folder_.DatabasePath(1), 8192);
  reader_.LookAgain();
  auto snapshot = reader_.Begin();
  EXPECT_FALSE(snapshot.ok() && snapshot->FindUser("u1999").ok());
}

TEST_F(ReaderTest, OtherSchemaIsRefused) {
  Make(1, {});
  writer_ = nullptr;
  SQLite::Database(folder_.DatabasePath(1), SQLite::OPEN_READWRITE)
      .exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion + 1));
  EXPECT_EQ(reader_.Begin().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ReaderTest, OlderSchemaThatIsStillReadableIsRead) {
  Make(1, {{"a", "a@example.com"}});
  writer_ = nullptr;
  SQLite::Database file(folder_.DatabasePath(1), SQLite::OPEN_READWRITE);
  // What version 3 added.
  file.exec("ALTER TABLE read_model DROP COLUMN made_at_us");
  file.exec(absl::StrCat("PRAGMA user_version = ", kOldestReadableSchemaVersion));
  EXPECT_TRUE(reader_.Begin()->FindUser("a").value().has_value());
  file.exec(absl::StrCat("PRAGMA user_version = ", kOldestReadableSchemaVersion - 1));
  EXPECT_EQ(Reader(folder_).Begin().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ReaderTest, OpenDeadLettersAreFoundByPositionAndUser) {
  Make(1, {{"a", "a@example.com"}});
  ASSERT_TRUE(writer_->Begin().ok());
  ASSERT_TRUE(writer_->AddDeadLetter({.id = {.partition = 0, .offset = 5}, .user_id = "a"}, kNow).ok());
  ASSERT_TRUE(writer_->Commit().ok());
  const Position below{.log_id = kLogId, .next_offsets = {6}};
  const Position at{.log_id = kLogId, .next_offsets = {5}};
  {
    Snapshot snapshot = reader_.Begin().value();
    EXPECT_TRUE(snapshot.HasOpenDeadLetter(below, "a").value());
    EXPECT_TRUE(snapshot.HasOpenDeadLetter(below, std::nullopt).value());
    EXPECT_FALSE(snapshot.HasOpenDeadLetter(below, "b").value());
    EXPECT_FALSE(snapshot.HasOpenDeadLetter(at, std::nullopt).value());
  }
  ASSERT_TRUE(writer_->Begin().ok());
  ASSERT_TRUE(writer_->SetDeadLetterState({0, 5}, DeadLetterState::kDiscarded).ok());
  ASSERT_TRUE(writer_->Commit().ok());
  EXPECT_FALSE(reader_.Begin()->HasOpenDeadLetter(below, std::nullopt).value());
}

// How SQLite means to run `sql`.
std::string PlanOf(SQLite::Database& database, const std::string& sql) {
  SQLite::Statement explain(database, "EXPLAIN QUERY PLAN " + sql);
  std::string plan;
  while (explain.executeStep()) absl::StrAppend(&plan, explain.getColumn(3).getString(), "\n");
  return plan;
}

TEST(UserScanTest, EveryScanIsARangeOfAnIndexWithoutASort) {
  SQLite::Database database(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec(kCreateTablesSql);
  database.exec(kCreateIndexesSql);
  for (const UserOrder order : {UserOrder::kCreateTime, UserOrder::kCreateTimeDescending, UserOrder::kEmail,
                                UserOrder::kEmailDescending, UserOrder::kUserId, UserOrder::kUserIdDescending}) {
    for (const int variant : {0, 1, 2, 3}) {
      const std::string sql = UserScanSql(order, /*by_status=*/(variant & 1) != 0, /*with_keys=*/(variant & 2) != 0);
      const std::string plan = PlanOf(database, sql);
      EXPECT_TRUE(absl::StartsWith(plan, "SEARCH users USING INDEX")) << plan;
      EXPECT_FALSE(absl::StrContains(plan, "TEMP B-TREE")) << plan;
      // Both ends of the range, where the order has two.
      if (order == UserOrder::kUserId || order == UserOrder::kUserIdDescending) continue;
      EXPECT_TRUE(absl::StrContains(plan, "<?") || absl::StrContains(plan, "<(?,?)")) << plan;
      EXPECT_TRUE(absl::StrContains(plan, ">?") || absl::StrContains(plan, ">(?,?)")) << plan;
    }
  }
}

TEST(UserScanTest, EndOfPrefixIsTheLeastStringBehindAllThatHaveIt) {
  EXPECT_EQ(EndOfPrefix("abc"), "abd");
  EXPECT_EQ(EndOfPrefix("ab\xff"), "ac");
  EXPECT_EQ(EndOfPrefix("\x7f"), "\x80");
  EXPECT_EQ(EndOfPrefix("\xff\xff"), "");
  EXPECT_EQ(EndOfPrefix(""), "");
}

TEST(UserScanTest, OnlyStatusOfASet) {
  StatusSet statuses;
  EXPECT_EQ(statuses.Only(), -1);
  statuses.Add(2);
  EXPECT_EQ(statuses.Only(), 2);
  statuses.Add(3);
  EXPECT_EQ(statuses.Only(), -1);
}

}  // namespace
}  // namespace roster::read_model
