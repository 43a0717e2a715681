#include "event-log/kafka/record_probe.h"

#include "event-log/kafka/client_config.h"
#include "gtest/gtest.h"
#include "librdkafka/rdkafka_mock.h"

namespace roster::event_log::kafka {
namespace {

constexpr int16_t kListOffsets = 2;

using MockCluster = std::unique_ptr<rd_kafka_mock_cluster_t, Destroyer<rd_kafka_mock_cluster_destroy>>;

TEST(RecordProbeTest, BrokerThatHasNotHeardOfANewTopicIsAskedAgain) {
  const auto config = ClientConfig::Make("127.0.0.1:1", "users", "", {}).value();
  const auto owner = config.MakeConsumer().value();
  const MockCluster cluster(rd_kafka_mock_cluster_new(owner->get(), 1));
  ASSERT_EQ(rd_kafka_mock_topic_create(cluster.get(), "users", 1, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
  const auto consumer =
      ClientConfig::Make(rd_kafka_mock_cluster_bootstraps(cluster.get()), "users", "", {}).value().MakeConsumer();
  rd_kafka_mock_push_request_errors(cluster.get(), kListOffsets, 1, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);

  EXPECT_EQ(ReadTopicIdentity(**consumer, "users", 1).status().code(), absl::StatusCode::kUnavailable);
  const auto identity = ReadTopicIdentity(**consumer, "users", 1);
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(*identity, std::nullopt);
}

}  // namespace
}  // namespace roster::event_log::kafka
