#include "event-log/kafka/topic_setup.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::event_log::kafka {
namespace {

using testing::HasSubstr;

using Settings = std::map<std::string, std::string>;

void ExpectRefused(const Settings& settings, const std::string& remedy) {
  const absl::Status status = CheckTopicSettings("users", settings);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr(remedy));
}

TEST(TopicSetupTest, TopicThatKeepsEverythingIsTaken) {
  EXPECT_TRUE(
      CheckTopicSettings("users", {{"cleanup.policy", "delete"}, {"retention.ms", "-1"}, {"retention.bytes", "-1"}})
          .ok());
}

TEST(TopicSetupTest, TopicThatDeletesByAgeOrSizeIsRefused) {
  ExpectRefused({{"cleanup.policy", "delete"}, {"retention.ms", "604800000"}, {"retention.bytes", "-1"}},
                "retention.ms=-1");
  ExpectRefused({{"cleanup.policy", "delete"}, {"retention.ms", "-1"}, {"retention.bytes", "1000"}},
                "retention.bytes=-1");
  ExpectRefused({{"cleanup.policy", "compact,delete"},
                 {"min.compaction.lag.ms", "172800000"},
                 {"retention.ms", "1"},
                 {"retention.bytes", "-1"}},
                "retention.ms=-1");
  ExpectRefused({}, "retention.ms=-1");
}

TEST(TopicSetupTest, CompactedTopicMustKeepEventsForTwoDays) {
  ExpectRefused({{"cleanup.policy", "compact"}, {"min.compaction.lag.ms", "0"}}, "min.compaction.lag.ms=172800000");
  ExpectRefused({{"cleanup.policy", "compact"}, {"min.compaction.lag.ms", "172799999"}},
                "min.compaction.lag.ms=172800000");
  EXPECT_TRUE(
      CheckTopicSettings("users", {{"cleanup.policy", "compact"}, {"min.compaction.lag.ms", "172800000"}}).ok());
  // Age and size do not matter where nothing is deleted by them.
  EXPECT_TRUE(CheckTopicSettings("users", {{"cleanup.policy", "compact"},
                                           {"min.compaction.lag.ms", "172800000"},
                                           {"retention.ms", "604800000"}})
                  .ok());
}

TEST(TopicSetupTest, UnknownPolicyIsRefused) {
  ExpectRefused({{"cleanup.policy", "shred"}, {"retention.ms", "-1"}, {"retention.bytes", "-1"}},
                "cleanup.policy=delete");
}

}  // namespace
}  // namespace roster::event_log::kafka
