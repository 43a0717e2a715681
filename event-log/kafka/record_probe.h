#ifndef ROSTER_EVENT_LOG_KAFKA_RECORD_PROBE_H_
#define ROSTER_EVENT_LOG_KAFKA_RECORD_PROBE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "event-log/event_log.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/client.h"

namespace roster::event_log::kafka {

// Hands the first committed record at or after each of `from` to `handler`, in no order, one a partition at most: none
// where the partition ends before. `consumer` is assigned to `from` meanwhile, and to nothing afterwards.
// UNAVAILABLE where the brokers are silent for some seconds; DATA_LOSS, FAILED_PRECONDITION as Reader::Poll.
absl::Status ReadFirstRecords(const Client& consumer, const std::string& topic, const std::vector<RecordLocation>& from,
                              Reader::RecordHandler handler, KeepWaiting keep_waiting = WaitOn);

// As EventLog::ReadIdentity, for a topic that is there.
absl::StatusOr<std::optional<LogIdentity>> ReadTopicIdentity(const Client& consumer, const std::string& topic,
                                                             int partitions, KeepWaiting keep_waiting = WaitOn);

// Gives `consumer` these positions to read from, instead of those it had. An empty list: none.
absl::Status Assign(const Client& consumer, const std::string& topic, const std::vector<RecordLocation>& from);

// What an error that a consumer met says about the log.
absl::Status ReadErrorToStatus(const Client& consumer, const rd_kafka_message_t& error);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_RECORD_PROBE_H_
