#include "read-model/frozen_generation.h"

#include <filesystem>
#include <string>
#include <vector>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "base/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "read-model/writer.h"

namespace roster::read_model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr auto kGoOn = [] { return true; };

v1::UserEvent SignUp(const std::string& user_id) {
  v1::UserEvent event;
  event.set_event_id("event-" + user_id);
  event.set_user_id(user_id);
  event.set_user_version(1);
  event.mutable_user()->set_user_id(user_id);
  event.mutable_user()->set_email(user_id + "@example.org");
  event.mutable_user()->set_status(v1::USER_STATUS_ACTIVE);
  return event;
}

class FrozenGenerationTest : public ::testing::Test {
 protected:
  std::string Path(int generation) const { return dir_.File(absl::StrCat(generation, ".db")); }

  // Users at offsets 1, 2, ... of a log with one partition.
  void Make(int generation, const std::vector<std::string>& user_ids) {
    const auto writer = Writer::Open(Path(generation)).value();
    Fold(*writer, user_ids);
  }
  void Fold(Writer& writer, const std::vector<std::string>& user_ids) {
    ASSERT_TRUE(writer.Begin().ok());
    int64_t offset = 0;
    for (const std::string& user_id : user_ids) {
      ASSERT_TRUE(writer.Apply(SignUp(user_id), 0, ++offset, kNow).ok());
    }
    ASSERT_TRUE(writer.SetCheckpoint({{"log", {offset + 1}}, {7}}).ok());
    ASSERT_TRUE(writer.Commit().ok());
  }
  void Execute(int generation, const std::string& sql) {
    SQLite::Database(Path(generation), SQLite::OPEN_READWRITE).exec(sql);
  }
  absl::StatusOr<Comparison> Compare(int max_differences = 10) {
    const auto first = FrozenGeneration::Open(Path(1)).value();
    const auto second = FrozenGeneration::Open(Path(2)).value();
    return CompareUsers(*first, *second, max_differences, kGoOn);
  }

  TempDir dir_;
};

TEST_F(FrozenGenerationTest, UsersInAnotherOrderAreEqual) {
  Make(1, {"a", "b", "c"});
  Make(2, {"a", "b", "c"});
  // Another row id for the same user.
  Execute(2, "UPDATE users SET id = 99 WHERE user_id = 'a'");
  const auto comparison = Compare().value();
  EXPECT_TRUE(comparison.equal());
  EXPECT_EQ(comparison.users_in_first, 3);
  EXPECT_EQ(comparison.users_in_second, 3);
  EXPECT_THAT(comparison.differences, IsEmpty());
}

TEST_F(FrozenGenerationTest, EachWayToDifferIsNamed) {
  Make(1, {"a", "b", "c", "d"});
  Make(2, {"a", "b", "c", "d"});
  Execute(1, "DELETE FROM users WHERE user_id = 'b'");
  Execute(2, "DELETE FROM users WHERE user_id = 'c'");
  Execute(2, "UPDATE users SET status = 2, email_key = NULL WHERE user_id = 'd'");
  const auto comparison = Compare().value();
  EXPECT_EQ(comparison.differing_users, 3);
  ASSERT_EQ(comparison.differences.size(), 3u);
  EXPECT_EQ(comparison.differences[0].user_id, "b");
  EXPECT_TRUE(comparison.differences[0].missing_in_first);
  EXPECT_EQ(comparison.differences[1].user_id, "c");
  EXPECT_TRUE(comparison.differences[1].missing_in_second);
  EXPECT_EQ(comparison.differences[2].user_id, "d");
  EXPECT_THAT(comparison.differences[2].columns, ElementsAre("email_key", "status"));
}

TEST_F(FrozenGenerationTest, ManyDifferencesAreCountedAndSomeAreNamed) {
  Make(1, {"a", "b", "c", "d"});
  Make(2, {"a", "b", "c", "d"});
  Execute(2, "UPDATE users SET version = 9");
  const auto comparison = Compare(/*max_differences=*/2).value();
  EXPECT_EQ(comparison.differing_users, 4);
  EXPECT_EQ(comparison.differences.size(), 2u);
}

TEST_F(FrozenGenerationTest, ColumnsThatOnlyOneHasAreNotCompared) {
  Make(1, {"a"});
  Make(2, {"a"});
  Execute(2, "ALTER TABLE users ADD COLUMN shoe_size INTEGER DEFAULT 42");
  EXPECT_TRUE(Compare().value().equal());
}

TEST_F(FrozenGenerationTest, StaysAsItWasWhileTheFileIsWritten) {
  const auto writer = Writer::Open(Path(1)).value();
  Fold(*writer, {"a"});
  Make(2, {"a"});
  const auto first = FrozenGeneration::Open(Path(1)).value();
  Fold(*writer, {"a", "b"});
  EXPECT_THAT(first->checkpoint().position.next_offsets, ElementsAre(2));
  const auto second = FrozenGeneration::Open(Path(2)).value();
  EXPECT_TRUE(CompareUsers(*first, *second, 10, kGoOn).value().equal());
}

TEST_F(FrozenGenerationTest, GenerationsAtDifferentPositionsAreNotCompared) {
  Make(1, {"a"});
  Make(2, {"a", "b"});
  EXPECT_EQ(Compare().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(FrozenGenerationTest, ComparisonEndsWhenAskedTo) {
  Make(1, {"a"});
  Make(2, {"a"});
  const auto first = FrozenGeneration::Open(Path(1)).value();
  const auto second = FrozenGeneration::Open(Path(2)).value();
  EXPECT_EQ(CompareUsers(*first, *second, 10, [] { return false; }).status().code(), absl::StatusCode::kCancelled);
}

TEST_F(FrozenGenerationTest, MissingFileIsNotFound) {
  EXPECT_EQ(FrozenGeneration::Open(Path(1)).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace roster::read_model
