#include "event-log/kafka/durability.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::event_log::kafka {
namespace {

using testing::HasSubstr;

std::optional<DurabilityGap> GapOf(int brokers, int replication_factor, int64_t min_insync_replicas) {
  return FindDurabilityGap("users", {brokers, replication_factor, min_insync_replicas});
}

TEST(DurabilityTest, TwoCopiesInSyncLeaveNoGap) {
  EXPECT_FALSE(GapOf(3, 3, 2));
  EXPECT_FALSE(GapOf(3, 3, 3));
  EXPECT_FALSE(GapOf(2, 2, 2));
  // Two are not alive just now.
  EXPECT_FALSE(GapOf(1, 3, 2));
}

TEST(DurabilityTest, OneCopyInSyncIsWarnedOf) {
  for (const int brokers : {1, 2, 3}) {
    const auto gap = GapOf(brokers, 3, 1);
    ASSERT_TRUE(gap);
    EXPECT_EQ(gap->level, LogLevel::kWarning);
    EXPECT_EQ(gap->reason, "ONE_IN_SYNC_REPLICA");
    EXPECT_EQ(gap->remedy, "kafka-configs.sh --alter --topic users --add-config min.insync.replicas=2");
  }
  EXPECT_THAT(GapOf(2, 2, 1)->remedy, HasSubstr("3 copies"));
}

TEST(DurabilityTest, OneCopyIsWarnedOfWhereFurtherBrokersCouldHoldOne) {
  // Of a single copy min.insync.replicas asks for no more than itself.
  for (const int64_t min_insync_replicas : {1, 2}) {
    const auto gap = GapOf(3, 1, min_insync_replicas);
    ASSERT_TRUE(gap);
    EXPECT_EQ(gap->level, LogLevel::kWarning);
    EXPECT_EQ(gap->reason, "ONE_REPLICA");
    EXPECT_THAT(gap->remedy, HasSubstr("3 copies"));
  }
}

TEST(DurabilityTest, OneBrokerIsNoReasonForAWarning) {
  const auto gap = GapOf(1, 1, 1);
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->level, LogLevel::kInfo);
  EXPECT_EQ(gap->reason, "ONE_BROKER");
}

}  // namespace
}  // namespace roster::event_log::kafka
