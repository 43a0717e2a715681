#include "read-model/inspector.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/temp_dir.h"
#include "gtest/gtest.h"
#include "read-model/writer.h"

namespace roster::read_model {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

v1::UserEvent Event(const std::string& user_id, int64_t version, v1::UserStatus status = v1::USER_STATUS_ACTIVE) {
  v1::UserEvent event;
  event.set_event_id(absl::StrCat("event-", user_id, "-", version));
  event.set_sequence(version);
  event.set_user_id(user_id);
  event.set_user_version(version);
  event.mutable_user()->set_user_id(user_id);
  event.mutable_user()->set_email(user_id + "@example.org");
  event.mutable_user()->set_status(status);
  event.mutable_user()->set_version(version);
  event.mutable_user()->mutable_create_time()->set_seconds(1'600'000'000);
  return event;
}

// A read model in a folder of its own.
class ReadModel {
 public:
  ReadModel() : folder_(dir_.path()) {
    writer_ = Writer::Open(folder_.DatabasePath(1)).value();
    EXPECT_TRUE(folder_.SetCurrentGeneration(1).ok());
  }

  // Folds `events` from offset 1 on, in the order of `order`.
  void Fold(const std::vector<v1::UserEvent>& events, const std::vector<size_t>& order) {
    ASSERT_TRUE(writer_->Begin().ok());
    for (const size_t i : order) ASSERT_TRUE(writer_->Apply(events[i], 0, static_cast<int64_t>(i) + 1, kNow).ok());
    const auto end = static_cast<int64_t>(events.size()) + 1;
    ASSERT_TRUE(writer_->SetCheckpoint({{"log", {end}}, {0}}).ok());
    ASSERT_TRUE(writer_->Commit().ok());
  }

  Writer& writer() { return *writer_; }
  Digest ComputeDigest() { return Inspector::Open(folder_).value()->ComputeDigest().value(); }
  const Folder& folder() const { return folder_; }

 private:
  TempDir dir_;
  Folder folder_;
  std::unique_ptr<Writer> writer_;
};

TEST(InspectorTest, MissingReadModelIsNotFound) {
  TempDir dir;
  EXPECT_EQ(Inspector::Open(Folder(dir.path())).status().code(), absl::StatusCode::kNotFound);
}

TEST(InspectorTest, DigestDoesNotDependOnTheOrderOfUsers) {
  const std::vector<v1::UserEvent> events = {Event("a", 1), Event("b", 1), Event("a", 2)};
  ReadModel one;
  ReadModel other;
  one.Fold(events, {0, 1, 2});
  other.Fold(events, {1, 0, 2});
  EXPECT_EQ(one.ComputeDigest(), other.ComputeDigest());
  EXPECT_EQ(one.ComputeDigest().users, 2);
  EXPECT_EQ(one.ComputeDigest().position, (Position{"log", {4}}));
}

TEST(InspectorTest, DigestTellsUsersApart) {
  ReadModel one;
  ReadModel other;
  one.Fold({Event("a", 1), Event("b", 1)}, {0, 1});
  v1::UserEvent different = Event("b", 1);
  different.mutable_user()->set_display_name("Bob");
  other.Fold({Event("a", 1), different}, {0, 1});
  EXPECT_NE(one.ComputeDigest().users_digest, other.ComputeDigest().users_digest);
}

TEST(InspectorTest, SummaryCountsUsersAndDeadLetters) {
  ReadModel model;
  model.Fold({Event("a", 1), Event("b", 1, v1::USER_STATUS_DELETED), Event("c", 1)}, {0, 1, 2});
  ASSERT_TRUE(model.writer().Begin().ok());
  for (int offset = 10; offset < 13; ++offset) {
    ASSERT_TRUE(model.writer().AddDeadLetter({.id = {0, offset}, .value = "xyz", .reason = "NO_VALUE"}, kNow).ok());
  }
  ASSERT_TRUE(model.writer().SetDeadLetterState({0, 11}, DeadLetterState::kRedriven).ok());
  ASSERT_TRUE(model.writer().MarkDeadLetterCopied({0, 10}).ok());
  ASSERT_TRUE(model.writer().SetFreshAsOf(kNow).ok());
  ASSERT_TRUE(model.writer().Commit().ok());

  const auto inspector = Inspector::Open(model.folder()).value();
  const Summary summary = inspector->Summarize().value();
  EXPECT_EQ(summary.position, (Position{"log", {4}}));
  EXPECT_EQ(summary.fresh_as_of, kNow);
  EXPECT_EQ(summary.users_by_status, (std::map<int, int64_t>{{1, 2}, {3, 1}}));
  EXPECT_EQ(summary.dead_letters,
            (std::map<DeadLetterState, int64_t>{{DeadLetterState::kOpen, 2}, {DeadLetterState::kRedriven, 1}}));

  const auto open = inspector->ListDeadLetters(/*only_open=*/true, std::nullopt, 10).value();
  ASSERT_EQ(open.size(), 2u);
  EXPECT_EQ(open[1].id, (DeadLetterId{0, 12}));
  EXPECT_EQ(open[1].value_bytes, 3);
  EXPECT_EQ(inspector->ListDeadLetters(/*only_open=*/false, DeadLetterId{0, 10}, 10).value().size(), 2u);
  EXPECT_EQ(inspector->ListUncopiedDeadLetters(std::nullopt, 10).value(),
            (std::vector<DeadLetterId>{{0, 11}, {0, 12}}));
}

}  // namespace
}  // namespace roster::read_model
