#include "event-log/kafka/record_probe.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "event-log/genesis.h"
#include "event-log/kafka/deadline.h"
#include "event-log/kafka/kafka_error.h"
#include "event-log/kafka/message_view.h"

namespace roster::event_log::kafka {
namespace {

constexpr absl::Duration kProbeTimeout = absl::Seconds(5);
constexpr absl::Duration kKeepWaitingEvery = absl::Milliseconds(100);

// The first offset of each partition that is still there: 0 may have been deleted. Asked for here, and not left to
// librdkafka (RD_KAFKA_OFFSET_BEGINNING): where a broker has not heard of a new topic yet it reports the position as
// lost, and may abort the process when the partition is assigned again (2.8).
absl::StatusOr<std::vector<RecordLocation>> WholeTopic(const Client& consumer, const std::string& topic, int partitions,
                                                       KeepWaiting keep_waiting) {
  ROSTER_ASSIGN_OR_RETURN(const auto first, ListOffsets(consumer, topic, partitions, LogEnd::kFirst, keep_waiting));
  std::vector<RecordLocation> from;
  for (int partition = 0; partition < partitions; ++partition) from.push_back({partition, first[partition]});
  return from;
}

// What a look at the first record of each partition shows.
struct FirstRecords {
  std::optional<LogIdentity> identity;
  bool any_in_first_partition = false;
  bool any_elsewhere = false;
};

absl::StatusOr<FirstRecords> LookAtFirstRecords(const Client& consumer, const std::string& topic, int partitions,
                                                KeepWaiting keep_waiting) {
  ROSTER_ASSIGN_OR_RETURN(const auto from, WholeTopic(consumer, topic, partitions, keep_waiting));
  FirstRecords found;
  ROSTER_RETURN_IF_ERROR(ReadFirstRecords(
      consumer, topic, from,
      [&](const RecordView& record) {
        if (record.location.partition != 0) {
          found.any_elsewhere = true;
          return;
        }
        found.any_in_first_partition = true;
        found.identity = ParseGenesisRecord(record);
      },
      keep_waiting));
  return found;
}

absl::Status NotOfRoster(const std::string& topic) {
  return absl::FailedPreconditionError(
      absl::StrCat("topic ", topic,
                   " has records but does not begin with Roster's genesis record: it is not a log of "
                   "Roster's, or its first records were deleted; name another topic with --log, or restore this one"));
}

}  // namespace

absl::Status Assign(const Client& consumer, const std::string& topic, const std::vector<RecordLocation>& from) {
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(from.size())));
  for (const RecordLocation& location : from) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), location.partition)->offset = location.offset;
  }
  const rd_kafka_resp_err_t code = rd_kafka_assign(consumer.get(), from.empty() ? nullptr : list.get());
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? absl::OkStatus() : ToStatus(code, "cannot begin to read");
}

absl::Status ReadErrorToStatus(const Client& consumer, const rd_kafka_message_t& error) {
  const std::string where =
      error.rkt == nullptr ? "" : absl::StrCat(" ", rd_kafka_topic_name(error.rkt), "/", error.partition);
  const std::string text = absl::StrCat("kafka: reading", where, ": ", rd_kafka_message_errstr(&error), " (",
                                        rd_kafka_err2name(error.err), ")");
  switch (error.err) {
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__LOG_TRUNCATION:
      return absl::FailedPreconditionError(
          absl::StrCat(text,
                       ": the log no longer holds the position to read from; it was recreated, truncated, or its "
                       "records were deleted"));
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return absl::FailedPreconditionError(
          absl::StrCat(text, ": raise it with --kafka-property receive.message.max.bytes=..."));
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
      return absl::DataLossError(absl::StrCat(text, " at offset ", error.offset));
    // Granted later, it goes on.
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return absl::UnavailableError(absl::StrCat(
          text,
          MissingRight(error.err, absl::StrCat("Read on topic ", error.rkt ? rd_kafka_topic_name(error.rkt) : ""))));
    default:
      return absl::UnavailableError(absl::StrCat(text, consumer.LastErrorSuffix()));
  }
}

absl::Status ReadFirstRecords(const Client& consumer, const std::string& topic, const std::vector<RecordLocation>& from,
                              Reader::RecordHandler handler, KeepWaiting keep_waiting) {
  ROSTER_RETURN_IF_ERROR(Assign(consumer, topic, from));
  std::vector<int32_t> waiting_for;
  for (const RecordLocation& location : from) waiting_for.push_back(location.partition);
  const Deadline deadline(kProbeTimeout);
  std::vector<HeaderView> headers;
  while (!waiting_for.empty()) {
    const MessageHandle message(rd_kafka_consumer_poll(consumer.get(), ToTimeoutMs(kKeepWaitingEvery)));
    if (message == nullptr) {
      if (!keep_waiting()) return absl::CancelledError("kafka: gave up waiting for a record");
      if (deadline.Passed()) {
        return absl::UnavailableError(
            absl::StrCat("kafka: no answer from the brokers of ", topic, consumer.LastErrorSuffix()));
      }
      continue;
    }
    if (ConcernsGroupOnly(message->err)) {
      consumer.ReportGroupError(*message);
      continue;
    }
    const bool end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !end) return ReadErrorToStatus(consumer, *message);
    const auto found = std::find(waiting_for.begin(), waiting_for.end(), message->partition);
    if (found == waiting_for.end()) continue;
    waiting_for.erase(found);
    if (!end) handler(ViewOf(*message, headers));
  }
  return Assign(consumer, topic, {});
}

absl::StatusOr<std::optional<LogIdentity>> ReadTopicIdentity(const Client& consumer, const std::string& topic,
                                                             int partitions, KeepWaiting keep_waiting) {
  ROSTER_ASSIGN_OR_RETURN(const FirstRecords found, LookAtFirstRecords(consumer, topic, partitions, keep_waiting));
  if (found.any_in_first_partition && !found.identity) return NotOfRoster(topic);
  if (found.identity || !found.any_elsewhere) return found.identity;
  // Records elsewhere only. The genesis record may have come since we looked, or its transaction's marker may still be
  // on its way although it was committed first; only a stable end without it says that there is none.
  ROSTER_ASSIGN_OR_RETURN(const auto high, ListOffsets(consumer, topic, 1, LogEnd::kHighWatermark, keep_waiting));
  ROSTER_ASSIGN_OR_RETURN(const auto stable, ListOffsets(consumer, topic, 1, LogEnd::kLastStable, keep_waiting));
  if (stable[0] < high[0]) return absl::UnavailableError("kafka: the log's first transaction is still open");
  ROSTER_ASSIGN_OR_RETURN(const FirstRecords again, LookAtFirstRecords(consumer, topic, partitions, keep_waiting));
  if (!again.identity) return NotOfRoster(topic);
  return again.identity;
}

}  // namespace roster::event_log::kafka
