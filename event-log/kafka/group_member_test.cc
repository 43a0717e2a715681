// On librdkafka's mock of a cluster, which elects as brokers do, and fails when it is told to.
#include "event-log/kafka/group_member.h"

#include <vector>

#include "base/eventually.h"
#include "gtest/gtest.h"
#include "librdkafka/rdkafka_mock.h"

namespace roster::event_log::kafka {
namespace {

constexpr int16_t kJoinGroup = 11;
constexpr int16_t kHeartbeat = 12;

class GroupMemberTest : public testing::Test {
 protected:
  GroupMemberTest() {
    owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0);
    cluster_ = rd_kafka_mock_cluster_new(owner_, 1);
    rd_kafka_mock_group_initial_rebalance_delay_ms(cluster_, 0);
    rd_kafka_mock_topic_create(cluster_, "users.control", 1, 1);
    config_ =
        *ClientConfig::Make(rd_kafka_mock_cluster_bootstraps(cluster_), "users", "", {{"session.timeout.ms", "1000"}});
    member_ = *GroupMember::Join(*config_, [] {});
  }
  ~GroupMemberTest() override {
    member_.reset();
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }

  // The next requests of this kind fail.
  void Fail(int16_t request, rd_kafka_resp_err_t error, size_t times) {
    const std::vector<rd_kafka_resp_err_t> errors(times, error);
    rd_kafka_mock_push_request_errors_array(cluster_, request, errors.size(), errors.data());
  }

  void LoseTouch() {
    // A round trip behind the assignment: where its very first heartbeat fails, the mock may never assign anything
    // again.
    ASSERT_TRUE(Eventually([&] { return member_->ConfirmAssigned([] { return true; }).ok(); }));
    Fail(kJoinGroup, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, 10'000);
    Fail(kHeartbeat, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, 1);
    ASSERT_TRUE(Eventually([&] { return member_->out_of_touch(); }));
  }

  void FindTheGroupAgain() {
    rd_kafka_mock_clear_request_errors(cluster_, kJoinGroup);
    ASSERT_TRUE(Eventually([&] { return member_->assigned(); }));
  }

  rd_kafka_t* owner_;
  rd_kafka_mock_cluster_t* cluster_;
  std::optional<ClientConfig> config_;
  std::unique_ptr<GroupMember> member_;
};

TEST_F(GroupMemberTest, OneThatLosesTouchIsToldSoAndMayBeElectedAgain) {
  LoseTouch();
  EXPECT_FALSE(member_->assigned());
  EXPECT_TRUE(absl::IsAborted(member_->ConfirmAssigned([] { return true; })));
  FindTheGroupAgain();
  EXPECT_FALSE(member_->out_of_touch());
}

TEST_F(GroupMemberTest, OneThatSteppedDownWaitsUntilItIsElectedAnew) {
  LoseTouch();
  member_->StepDown();
  EXPECT_FALSE(member_->out_of_touch());
  FindTheGroupAgain();
  member_->StepDown();
  EXPECT_TRUE(member_->assigned());
}

}  // namespace
}  // namespace roster::event_log::kafka
