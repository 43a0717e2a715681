#ifndef ROSTER_EVENT_LOG_KAFKA_KAFKA_LOG_H_
#define ROSTER_EVENT_LOG_KAFKA_KAFKA_LOG_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "event-log/event_log.h"
#include "event-log/kafka/kafka_properties.h"
#include "event-log/kafka/topic_setup.h"

namespace roster::event_log::kafka {

struct KafkaLogOptions {
  KafkaAddress address;
  KafkaProperties properties;
  // For a topic that is not there yet.
  int partitions = 6;
  int replication_factor = kAsManyAsUseful;
  // Consumer group that readers report their progress to; empty: none.
  std::string group;
};

// A log in a Kafka topic, with `<topic>.control` (proofs of the lead) and `<topic>.dlq` (dead letters) beside it. The
// first leader creates the three. Connects to nothing yet. INVALID_ARGUMENT names the property that is wrong. `clock`
// must outlive the log.
//
// Delivery: each Append is one transaction with acks=all; readers see committed transactions only. The lead is the
// ownership of the transactional ids `roster.<topic>.0` and `.1`: whoever initialised them last can commit, nobody
// else. Whose turn it is says the consumer group `roster.<topic>.lead`.
absl::StatusOr<std::unique_ptr<EventLog>> OpenKafkaLog(const KafkaLogOptions& options, const Clock& clock);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_KAFKA_LOG_H_
