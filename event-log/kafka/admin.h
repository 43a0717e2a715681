#ifndef ROSTER_EVENT_LOG_KAFKA_ADMIN_H_
#define ROSTER_EVENT_LOG_KAFKA_ADMIN_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "event-log/kafka/client.h"
#include "event-log/kafka/keep_waiting.h"

// Questions about topics, asked through any client and waited for. All answer UNAVAILABLE where the brokers are silent
// for kAdminTimeout, FAILED_PRECONDITION where Kafka refuses, and CANCELLED once `keep_waiting`, called a few times a
// second, returns false.
namespace roster::event_log::kafka {

struct TopicDescription {
  // Kafka's own id of the topic: another one after it was deleted and made anew.
  std::string topic_id;
  int partitions = 0;
  // Copies of the partition that has the fewest, those that are not in sync included.
  int replication_factor = 0;

  // Whether it is the same log: copies may be added and moved meanwhile.
  friend bool operator==(const TopicDescription& a, const TopicDescription& b) {
    return a.topic_id == b.topic_id && a.partitions == b.partitions;
  }
};

struct NewTopic {
  std::string name;
  int partitions = 1;
  int replication_factor = 1;
  std::map<std::string, std::string> settings;
};

// Which end of a partition ListOffsets tells.
enum class LogEnd {
  // Offset of the first record that is still there.
  kFirst,
  // One past the last record, of open transactions too: the high watermark.
  kHighWatermark,
  // One past the last record before any open transaction: how far committed readers come.
  kLastStable,
};

// Absent where there is no such topic.
absl::StatusOr<std::optional<TopicDescription>> DescribeTopic(const Client& client, const std::string& topic,
                                                              KeepWaiting keep_waiting = WaitOn);

// How many brokers are alive.
absl::StatusOr<int> CountBrokers(const Client& client, KeepWaiting keep_waiting = WaitOn);

// Settings of a topic that is there, by name.
absl::StatusOr<std::map<std::string, std::string>> DescribeTopicSettings(const Client& client, const std::string& topic,
                                                                         KeepWaiting keep_waiting = WaitOn);

// Creates a topic; one that is there already is left as it is.
absl::Status CreateTopic(const Client& client, const NewTopic& topic, KeepWaiting keep_waiting = WaitOn);

// For each of the topic's partitions.
absl::StatusOr<std::vector<int64_t>> ListOffsets(const Client& client, const std::string& topic, int partitions,
                                                 LogEnd end, KeepWaiting keep_waiting = WaitOn);

// librdkafka answers every question, with an error after kAdminTimeout at the latest, or so it says: beyond this an
// answer is taken for lost.
inline constexpr absl::Duration kAnswerTimeout = absl::Seconds(20);

// The same questions put without waiting, their answers to be taken from `answers` and read with the functions below.
void AskDescribeTopic(const Client& client, const std::string& topic, rd_kafka_queue_t* answers);
void AskListOffsets(const Client& client, const std::string& topic, int partitions, LogEnd end,
                    rd_kafka_queue_t* answers);
absl::StatusOr<std::optional<TopicDescription>> ReadDescribeTopic(const Client& client, rd_kafka_event_t* answer);
absl::StatusOr<std::vector<int64_t>> ReadListOffsets(const Client& client, rd_kafka_event_t* answer, int partitions);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_ADMIN_H_
