#include "command-service/write_model.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_format.h"
#include "base/temp_dir.h"
#include "gtest/gtest.h"
#include "user-event/event_for_test.h"

namespace roster::command {
namespace {

using user_event::NextEventForTest;
using user_event::SignUpEventForTest;

// As on a full disk: while it lives, files cannot grow beyond `bytes`.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*const handler_)(int);
  rlimit before_;
};

class WriteModelTest : public testing::Test {
 protected:
  std::unique_ptr<WriteModel> Open(const std::string& boot_id = "boot-1") {
    auto model = WriteModel::Open(path_, boot_id);
    EXPECT_TRUE(model.ok()) << model.status();
    if ((*model)->checkpoint().position.empty()) (*model)->SetIdentity({"log", 2});
    return *std::move(model);
  }
  static WriteModel::Applied Apply(WriteModel& model, const v1::UserEvent& event,
                                   event_log::RecordLocation location = {0, 1}) {
    const auto applied = model.Apply(event, location);
    EXPECT_TRUE(applied.ok()) << applied.status();
    model.Advance(location, 77);
    return *applied;
  }
  static std::string OwnerOf(WriteModel& model, const std::string& email) {
    return model.FindEmailOwner(email).value().value_or("nobody");
  }

  TempDir dir_;
  const std::string path_ = dir_.File("write-model.db");
};

TEST_F(WriteModelTest, KeepsWhatWasCommittedAndForgetsTheRest) {
  {
    auto model = Open();
    Apply(*model, SignUpEventForTest("ada", "Ada@x", 5), {1, 9});
    ASSERT_TRUE(model->Commit().ok());
    Apply(*model, SignUpEventForTest("bob", "bob@x", 6), {0, 4});
  }
  auto model = Open();
  EXPECT_EQ(model->checkpoint().position, (Position{"log", {0, 10}}));
  EXPECT_EQ(model->checkpoint().last_checksums, (std::vector<uint64_t>{0, 77}));
  EXPECT_EQ(model->last_sequence(), 5);
  EXPECT_EQ(OwnerOf(*model, "ada@x"), "ada");
  EXPECT_EQ(OwnerOf(*model, "bob@x"), "nobody");
}

TEST_F(WriteModelTest, RollbackGoesBackToTheLastCommit) {
  auto model = Open();
  Apply(*model, SignUpEventForTest("ada", "ada@x"), {0, 1});
  ASSERT_TRUE(model->Commit().ok());
  Apply(*model, SignUpEventForTest("bob", "bob@x", 2), {0, 2});
  EXPECT_EQ(model->uncommitted(), 1);
  ASSERT_TRUE(model->Rollback().ok());
  EXPECT_EQ(model->checkpoint().position.next_offsets[0], 2);
  EXPECT_EQ(model->last_sequence(), 1);
  EXPECT_FALSE(model->FindUser("bob").value().has_value());
  EXPECT_TRUE(model->FindUser("ada").value().has_value());
}

TEST_F(WriteModelTest, FailedCommitLeavesTheLastOneWhateverIsTriedAfterwards) {
  {
    auto model = Open();
    Apply(*model, SignUpEventForTest("ada", "ada@x"), {0, 1});
    ASSERT_TRUE(model->Commit().ok());
    Apply(*model, SignUpEventForTest("bob", "bob@x", 2), {0, 2});
    {
      const FileSizeLimit full_disk(std::filesystem::file_size(path_ + "-wal"));
      EXPECT_FALSE(model->Commit().ok());
    }
    EXPECT_FALSE(model->fault().ok());
    EXPECT_FALSE(model->FindUser("ada").ok());
    EXPECT_FALSE(model->Apply(SignUpEventForTest("cy", "cy@x", 3), {0, 3}).ok());
    EXPECT_FALSE(model->Commit().ok());
    EXPECT_TRUE(model->Close().ok());
  }
  auto model = Open();
  EXPECT_EQ(model->checkpoint().position.next_offsets[0], 2);
  EXPECT_EQ(model->last_sequence(), 1);
  EXPECT_EQ(OwnerOf(*model, "ada@x"), "ada");
  EXPECT_EQ(OwnerOf(*model, "bob@x"), "nobody");
}

TEST_F(WriteModelTest, HigherVersionWinsInWhateverOrder) {
  auto model = Open();
  const v1::UserEvent first = SignUpEventForTest("ada", "a@x");
  const v1::UserEvent second = NextEventForTest(first, v1::USER_STATUS_INACTIVE, 2);
  const v1::UserEvent third = NextEventForTest(second, v1::USER_STATUS_DELETED, 3);
  EXPECT_EQ(Apply(*model, first), WriteModel::Applied::kYes);
  EXPECT_EQ(Apply(*model, third), WriteModel::Applied::kYes);
  EXPECT_EQ(Apply(*model, second), WriteModel::Applied::kOutdated);
  EXPECT_EQ(Apply(*model, third), WriteModel::Applied::kOutdated);
  v1::UserEvent forged = third;
  forged.set_event_id("another");
  EXPECT_EQ(Apply(*model, forged), WriteModel::Applied::kVersionConflict);
  EXPECT_EQ(model->FindUser("ada").value()->status(), v1::USER_STATUS_DELETED);
  EXPECT_EQ(OwnerOf(*model, "a@x"), "nobody");
}

TEST_F(WriteModelTest, OwnerOfAnAddressComesOutRightWhenTheClaimIsFoldedBeforeTheRelease) {
  auto model = Open();
  const v1::UserEvent ada = SignUpEventForTest("ada", "a@x", 1);
  Apply(*model, ada, {0, 1});
  Apply(*model, SignUpEventForTest("bob", "a@x", 3), {1, 1});
  Apply(*model, NextEventForTest(ada, v1::USER_STATUS_DELETED, 2), {0, 2});
  EXPECT_EQ(OwnerOf(*model, "a@x"), "bob");
}

TEST_F(WriteModelTest, RequestIsAnsweredAsAtFirst) {
  auto model = Open();
  v1::UserEvent event = SignUpEventForTest("ada", "a@x");
  event.set_request_id("r1");
  event.set_request_fingerprint(std::string("\0f", 2));
  Apply(*model, event, {1, 12});
  Apply(*model, NextEventForTest(event, v1::USER_STATUS_INACTIVE, 2));
  const auto found = model->FindRequest("r1").value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->fingerprint, std::string("\0f", 2));
  EXPECT_EQ(found->location, (event_log::RecordLocation{1, 12}));
  EXPECT_EQ(found->user.status(), v1::USER_STATUS_ACTIVE);
  EXPECT_FALSE(model->FindRequest("r2").value().has_value());
}

TEST_F(WriteModelTest, ValuesWithOneHashAreToldApart) {
  // One bit: among twelve values many share a hash, ids that are UUIDs with a time and others too.
  auto model = WriteModel::Open(path_, "boot-1", /*hash_mask=*/1).value();
  model->SetIdentity({"log", 2});
  const std::string uuid = "0190b6b2-0102-7000-8000-00000000000";
  const std::vector<std::string> names = {"a", "b", "c",        "d",        "e",        "f",
                                          "g", "h", uuid + "1", uuid + "2", uuid + "3", uuid + "4"};
  for (size_t i = 0; i < names.size(); ++i) {
    v1::UserEvent event = SignUpEventForTest(names[i], names[i] + "@x", static_cast<int64_t>(i) + 1);
    event.set_request_id("request-" + names[i]);
    EXPECT_EQ(Apply(*model, event, {0, static_cast<int64_t>(i) + 1}), WriteModel::Applied::kYes);
  }
  for (const std::string& name : names) {
    EXPECT_EQ(OwnerOf(*model, name + "@x"), name);
    EXPECT_EQ(model->FindUser(name).value()->email(), name + "@x");
    EXPECT_EQ(model->FindRequest("request-" + name).value()->user.user_id(), name);
  }
  for (const std::string& nobody : {std::string("i"), std::string("j"), std::string("k"), uuid + "5"}) {
    EXPECT_EQ(OwnerOf(*model, nobody + "@x"), "nobody");
    EXPECT_FALSE(model->FindUser(nobody).value().has_value());
    EXPECT_FALSE(model->FindRequest("request-" + nobody).value().has_value());
  }
  // One who shares hashes with others moves and goes, and the others stay as they are.
  Apply(*model, NextEventForTest(SignUpEventForTest("a", "a@x", 1), v1::USER_STATUS_DELETED, 9));
  EXPECT_EQ(OwnerOf(*model, "a@x"), "nobody");
  for (size_t i = 1; i < names.size(); ++i) EXPECT_EQ(OwnerOf(*model, names[i] + "@x"), names[i]);
}

TEST_F(WriteModelTest, RequestIdsArePrunedByEventTime) {
  auto model = Open();
  v1::UserEvent old_event = SignUpEventForTest("old", "old@x", 1);
  old_event.set_request_id("old");
  Apply(*model, old_event);
  ASSERT_TRUE(model->Commit().ok());
  EXPECT_TRUE(model->FindRequest("old").value().has_value());
  v1::UserEvent later = SignUpEventForTest("new", "new@x", 2);
  later.set_request_id("new");
  later.mutable_occurred_at()->set_seconds(old_event.occurred_at().seconds() + 48 * 3600 + 1);
  Apply(*model, later);
  ASSERT_TRUE(model->Commit().ok());
  EXPECT_FALSE(model->FindRequest("old").value().has_value());
  EXPECT_TRUE(model->FindRequest("new").value().has_value());
}

TEST_F(WriteModelTest, FileOfAnotherBootIsThrownAwayUnlessItWasClosed) {
  {
    auto model = Open("boot-1");
    Apply(*model, SignUpEventForTest("ada", "a@x"));
    ASSERT_TRUE(model->Commit().ok());
  }
  EXPECT_EQ(OwnerOf(*Open("boot-1"), "a@x"), "ada");
  {
    auto model = Open("boot-2");
    EXPECT_EQ(OwnerOf(*model, "a@x"), "nobody");
    Apply(*model, SignUpEventForTest("ada", "a@x"));
    ASSERT_TRUE(model->Close().ok());
  }
  EXPECT_EQ(OwnerOf(*Open("boot-3"), "a@x"), "ada");
}

TEST_F(WriteModelTest, IdsOfOneTimeAreToldApartByTheirHash) {
  auto model = Open();
  for (int i = 0; i < 100; ++i) {
    const std::string id = absl::StrFormat("0190b6b2-0102-7000-8000-%012d", i);
    v1::UserEvent event = SignUpEventForTest(id, id + "@x", i + 1);
    event.set_request_id(id);
    EXPECT_EQ(Apply(*model, event, {0, i + 1}), WriteModel::Applied::kYes);
  }
  for (int i = 0; i < 100; ++i) {
    const std::string id = absl::StrFormat("0190b6b2-0102-7000-8000-%012d", i);
    EXPECT_EQ(model->FindUser(id).value()->user_id(), id);
    EXPECT_EQ(model->FindRequest(id).value()->user.user_id(), id);
  }
}

TEST_F(WriteModelTest, DamagedFileAndOneOfAnotherSchemaAreThrownAway) {
  std::ofstream(path_) << std::string(10'000, 'x');
  std::ofstream(path_ + ".state") << "clean\n";
  {
    auto model = Open();
    Apply(*model, SignUpEventForTest("ada", "a@x"));
    ASSERT_TRUE(model->Close().ok());
  }
  {
    SQLite::Database database(path_, SQLite::OPEN_READWRITE);
    database.exec("PRAGMA user_version = 999");
  }
  EXPECT_EQ(OwnerOf(*Open(), "a@x"), "nobody");
}

TEST_F(WriteModelTest, FileInUseIsRefused) {
  auto model = Open();
  Apply(*model, SignUpEventForTest("ada", "a@x"));
  ASSERT_TRUE(model->Commit().ok());
  EXPECT_EQ(WriteModel::Open(path_, "boot-1").status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace roster::command
