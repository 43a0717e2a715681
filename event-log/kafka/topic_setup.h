#ifndef ROSTER_EVENT_LOG_KAFKA_TOPIC_SETUP_H_
#define ROSTER_EVENT_LOG_KAFKA_TOPIC_SETUP_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/client_config.h"

namespace roster::event_log::kafka {

inline constexpr int kAsManyAsUseful = 0;

// Creates the log's topics where they are missing: the topic itself, with settings that never lose an event, the
// control topic and the dead-letter topic. With a `replication_factor` of kAsManyAsUseful each has a copy on every
// broker that is alive, at most 3. Verifies those that are there. Returns how many partitions the log has: those of the
// topic if it was there, else `partitions`. FAILED_PRECONDITION says which setting is wrong and what to do.
absl::StatusOr<TopicDescription> SetUpTopics(const Client& client, const ClientConfig& config, int partitions,
                                             int replication_factor, KeepWaiting keep_waiting);

// FAILED_PRECONDITION where a topic with `settings` would lose events. A topic may be compacted, once records are so
// old that no request_id is asked for any more; it must not delete by age or size.
absl::Status CheckTopicSettings(const std::string& topic, const std::map<std::string, std::string>& settings);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_TOPIC_SETUP_H_
