// A user topic whose older records a broker has compacted away: what is folded from the rest serves the same users.
#include <filesystem>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "event-log/kafka/test_broker.h"
#include "event-log/read_records_for_test.h"
#include "tests/e2e/e2e_test.h"
#include "tests/support/history.h"

namespace roster::test {
namespace {

constexpr int kUsers = 20;
constexpr int kUpdates = 15;

class CompactedTopicTest : public EndToEndTest {
 protected:
  CompactedTopicTest() {
    // As an operator would make it: Roster's check at the start of the command service takes it.
    outsider_.CreateTopic(6, {{"cleanup.policy", "compact"}, {"min.compaction.lag.ms", kLag}});
  }

  grpc::Status Update(const std::string& id, const std::string& etag, const std::string& email,
                      v1::UpdateUserResponse& response) {
    Context context;
    v1::UpdateUserRequest request;
    request.mutable_user()->set_user_id(id);
    request.mutable_user()->set_etag(etag);
    request.mutable_user()->set_email(email);
    request.mutable_update_mask()->add_paths("email");
    const grpc::Status status = commands_->UpdateUser(&context, request, &response);
    if (status.ok()) token_ = response.consistency_token();
    return status;
  }
  void MustDelete(const std::string& id) {
    Context context;
    v1::DeleteUserRequest request;
    v1::DeleteUserResponse response;
    request.set_user_id(id);
    ASSERT_TRUE(commands_->DeleteUser(&context, request, &response).ok());
    token_ = response.consistency_token();
  }
  // Every user gets many events, the last third is deleted.
  void WriteHistory() {
    for (int i = 0; i < kUsers; ++i) {
      const std::string id = absl::StrCat("user-", i);
      v1::User user = MustSignUp(id).user();
      for (int update = 0; update < kUpdates; ++update) {
        v1::UpdateUserResponse response;
        const std::string email = absl::StrCat(id, "-", update, "@example.com");
        ASSERT_TRUE(Update(id, user.etag(), email, response).ok());
        user = response.user();
      }
      if (i % 3 == 2) MustDelete(id);
    }
  }

  size_t Records() {
    size_t records = 0;
    event_log::ReadRecords(*processes_.OpenLog(), [&](const event_log::RecordView&) { ++records; });
    return records;
  }

  // Lets the broker compact all but the segments that are being written, and waits until it has.
  void Compact() {
    const size_t before = Records();
    outsider_.AlterTopic({{"min.compaction.lag.ms", "0"},
                          {"min.cleanable.dirty.ratio", "0.001"},
                          {"segment.ms", "100"},
                          {"delete.retention.ms", "0"}});
    int fillers = 0;
    // A segment ends only when a record comes after its time.
    const bool compacted = Eventually([&] {
      token_ = MustSignUp(absl::StrCat("filler-", fillers++)).consistency_token();
      return Records() < before - kUsers * kUpdates / 2 + static_cast<size_t>(fillers);
    });
    ASSERT_TRUE(compacted) << Records() << " of " << before;
    outsider_.AlterTopic({{"min.compaction.lag.ms", kLag}, {"segment.ms", "604800000"}});
  }

  void RemoveWriteModel() {
    for (const char* suffix : {"", "-wal", "-shm", ".state"})
      std::filesystem::remove(processes_.write_model() + suffix);
  }
  void ExpectRightDecisions(const v1::User& live, const v1::User& deleted) {
    v1::SignUpUserResponse response;
    EXPECT_EQ(ReasonOf(SignUp(live.email(), response)), "EMAIL_TAKEN");
    v1::UpdateUserResponse update;
    EXPECT_EQ(ReasonOf(Update(live.user_id(), "another", "new@example.com", update)), "ETAG_MISMATCH");
    ASSERT_TRUE(Update(live.user_id(), live.etag(), live.email(), update).ok());
    EXPECT_EQ(update.user().version(), live.version() + 1);
    EXPECT_EQ(ReasonOf(Update(deleted.user_id(), "", "new@example.com", update)), "USER_NOT_FOUND");
    // Its id stays used, its address does not.
    Context context;
    v1::SignUpUserRequest request;
    request.set_user_id(deleted.user_id());
    request.set_email("nobody@example.com");
    EXPECT_EQ(ReasonOf(commands_->SignUpUser(&context, request, &response)), "USER_ID_TAKEN");
    EXPECT_TRUE(SignUp(deleted.email(), response).ok());
    // An address that its owner gave up long ago.
    EXPECT_TRUE(SignUp("user-0-0@example.com", response).ok());
  }

  static constexpr char kLag[] = "172800000";
  event_log::kafka::Outsider outsider_{processes_.topic()};
  std::string token_;
};

TEST_P(CompactedTopicTest, FreshModelsServeTheSameUsersAndOldOnesGoOn) {
  StartAll();
  WriteHistory();
  std::map<std::string, v1::User> before = ListAll(token_);
  // The last record it has folded of each partition is superseded, and goes.
  processes_.projector().Signal(SIGTERM);
  ASSERT_EQ(processes_.projector().Wait(), 0);
  for (int i = 0; i < kUsers; i += 3) {
    v1::UpdateUserResponse response;
    v1::User& user = before.at(absl::StrCat("user-", i));
    ASSERT_TRUE(Update(user.user_id(), user.etag(), user.email(), response).ok());
    user = response.user();
  }
  Compact();
  processes_.StartProjector();
  std::map<std::string, v1::User> resumed = ListAll(token_);
  for (const auto& [id, user] : before) EXPECT_EQ(resumed[id].SerializeAsString(), user.SerializeAsString()) << id;

  // Anew, from what is left. The write model that is there goes on first.
  processes_.command_service().Signal(SIGTERM);
  ASSERT_EQ(processes_.command_service().Wait(), 0);
  processes_.StartCommandService();
  ASSERT_TRUE(processes_.WaitUntilServing()) << processes_.command_service().Log();
  processes_.command_service().Kill();
  RemoveWriteModel();
  processes_.StartCommandService();
  processes_.projector().Kill();
  std::filesystem::remove_all(processes_.read_model());
  processes_.StartProjector();
  ASSERT_TRUE(processes_.WaitUntilServing()) << processes_.command_service().Log();
  const std::map<std::string, v1::User> fresh = ListAll(token_);
  ASSERT_EQ(fresh.size(), resumed.size());
  for (const auto& [id, user] : resumed) EXPECT_EQ(fresh.at(id).SerializeAsString(), user.SerializeAsString()) << id;
  ExpectRightDecisions(fresh.at("user-0"), fresh.at("user-2"));
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(OnThe, CompactedTopicTest, LogsUnderTest(), LogName);

}  // namespace roster::test
