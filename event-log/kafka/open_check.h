#ifndef ROSTER_EVENT_LOG_KAFKA_OPEN_CHECK_H_
#define ROSTER_EVENT_LOG_KAFKA_OPEN_CHECK_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/position.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/client.h"

namespace roster::event_log::kafka {

// Whether a fold that stands at `from` may go on reading `topic`: the same log, not truncated, not grown, with the same
// last records where they still exist. Returns the topic; FAILED_PRECONDITION says what differs, UNAVAILABLE where the
// topic is not there or the brokers are silent. Assigns `consumer` to nothing.
absl::StatusOr<TopicDescription> CheckTopicMatches(const Client& consumer, const std::string& topic,
                                                   const Checkpoint& from);

// FAILED_PRECONDITION where the genesis record speaks of another number of partitions than the topic has.
absl::Status CheckPartitions(const std::string& topic, int in_genesis, int present);

// For a reader of one partition: the topic holds the log `log_id`, whose partitions may be more than it was made with.
// UNAVAILABLE where there is no topic.
absl::StatusOr<TopicDescription> CheckTopicHolds(const Client& consumer, const std::string& topic,
                                                 const std::string& log_id);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_OPEN_CHECK_H_
