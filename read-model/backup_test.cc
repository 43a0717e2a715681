#include "read-model/backup.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "base/temp_dir.h"
#include "gtest/gtest.h"
#include "read-model/inspector.h"
#include "read-model/reader.h"
#include "read-model/schema.h"
#include "read-model/writer.h"

namespace roster::read_model {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() : folder_(MakeFolder("live")), other_(MakeFolder("other")) {
    writer_ = Writer::Open(folder_.DatabasePath(1)).value();
    EXPECT_TRUE(folder_.SetCurrentGeneration(1).ok());
    Fold("ada", 1);
  }

  Folder MakeFolder(const std::string& name) {
    std::filesystem::create_directory(dir_.File(name));
    return Folder(dir_.File(name));
  }

  void Fold(const std::string& user_id, int64_t offset) {
    v1::UserEvent event;
    event.set_event_id("event-" + user_id);
    event.set_user_id(user_id);
    event.set_user_version(1);
    event.mutable_user()->set_user_id(user_id);
    ASSERT_TRUE(writer_->Begin().ok());
    ASSERT_TRUE(writer_->Apply(event, 0, offset, kNow).ok());
    ASSERT_TRUE(writer_->SetCheckpoint({{"log", {offset + 1}}, {0}}).ok());
    ASSERT_TRUE(writer_->SetFreshAsOf(kNow).ok());
    ASSERT_TRUE(writer_->Commit().ok());
  }

  static Digest DigestOf(const Folder& folder) { return Inspector::Open(folder).value()->ComputeDigest().value(); }

  TempDir dir_;
  const Folder folder_;
  const Folder other_;
  const std::string file_ = dir_.File("backup.db");
  std::unique_ptr<Writer> writer_;
};

TEST_F(BackupTest, RestoredElsewhereItIsEqualAndFoldsOn) {
  const auto position = BackUp(folder_, file_);
  ASSERT_TRUE(position.ok()) << position.status();
  EXPECT_EQ(position->next_offsets, std::vector<int64_t>{2});
  const Digest then = DigestOf(folder_);
  Fold("bob", 2);
  ASSERT_EQ(Restore(file_, other_)->next_offsets, std::vector<int64_t>{2});
  EXPECT_EQ(DigestOf(other_), then);
  writer_ = Writer::Open(other_.DatabasePath(other_.CurrentGeneration()->value())).value();
  Fold("bob", 2);
  EXPECT_EQ(DigestOf(other_), DigestOf(folder_));
}

TEST_F(BackupTest, HoldsWhatIsCommittedWhileItIsWritten) {
  ASSERT_TRUE(writer_->Begin().ok());
  ASSERT_TRUE(BackUp(folder_, file_).ok());
  ASSERT_TRUE(writer_->Commit().ok());
  EXPECT_FALSE(std::filesystem::exists(file_ + ".partial"));
}

TEST_F(BackupTest, RestoredReadModelIsNotTakenForComplete) {
  ASSERT_TRUE(BackUp(folder_, file_).ok());
  ASSERT_TRUE(Restore(file_, other_).ok());
  Reader reader(other_);
  EXPECT_FALSE(reader.Begin()->head().fresh_as_of.has_value());
}

TEST_F(BackupTest, RestoringReplacesTheLiveGenerationAsAWhole) {
  ASSERT_TRUE(BackUp(folder_, file_).ok());
  Fold("bob", 2);
  writer_.reset();
  ASSERT_TRUE(Restore(file_, folder_).ok());
  EXPECT_EQ(folder_.CurrentGeneration()->value(), 2);
  EXPECT_EQ(DigestOf(folder_).users, 1);
}

TEST_F(BackupTest, FileThatIsThereIsNotOverwritten) {
  std::ofstream(file_) << "mine";
  EXPECT_EQ(BackUp(folder_, file_).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::filesystem::file_size(file_), 4u);
}

TEST_F(BackupTest, NothingToBackUpOrToRestoreIsNotFound) {
  EXPECT_EQ(BackUp(other_, file_).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Restore(dir_.File("none"), other_).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(BackupTest, FileThatIsNoBackupLeavesTheFolderAsItWas) {
  std::ofstream(file_) << std::string(8192, 'x');
  EXPECT_EQ(Restore(file_, other_).status().code(), absl::StatusCode::kDataLoss);
  const std::string theirs = dir_.File("theirs.db");
  SQLite::Database(theirs, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE theirs (x)");
  EXPECT_EQ(Restore(theirs, other_).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(other_.CurrentGeneration()->has_value());
  EXPECT_TRUE(std::filesystem::is_empty(other_.path()));
}

}  // namespace
}  // namespace roster::read_model
