#ifndef ROSTER_EVENT_LOG_KAFKA_DURABILITY_H_
#define ROSTER_EVENT_LOG_KAFKA_DURABILITY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/log.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/client.h"
#include "event-log/kafka/keep_waiting.h"

namespace roster::event_log::kafka {

// What says on how many brokers an event is at least when it is acknowledged: acks=all waits for the copies in sync,
// which may be as few as min.insync.replicas.
struct Durability {
  // Alive when they were counted.
  int brokers = 1;
  // Of the partition that has the fewest copies.
  int replication_factor = 1;
  int64_t min_insync_replicas = 1;
};

// Why the loss of one broker may take acknowledged events along.
struct DurabilityGap {
  // A warning where further brokers could hold copies; info where there is one broker only.
  LogLevel level;
  // For programs: ONE_BROKER, ONE_REPLICA or ONE_IN_SYNC_REPLICA.
  std::string reason;
  std::string remedy;
};

// Absent where each acknowledged event is on two brokers at least.
std::optional<DurabilityGap> FindDurabilityGap(absl::string_view topic, const Durability& durability);

// `description`: of `topic`. Fails as the questions in admin.h.
absl::StatusOr<Durability> ReadDurability(const Client& client, const std::string& topic,
                                          const TopicDescription& description, KeepWaiting keep_waiting);

// Writes the gap, if there is one, to the program's log.
void LogDurability(const std::string& topic, const Durability& durability);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_DURABILITY_H_
