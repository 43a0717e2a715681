#include "event-log/kafka/kafka_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/log.h"
#include "event-log/kafka/deadline.h"
#include "event-log/kafka/kafka_error.h"
#include "event-log/kafka/message_view.h"
#include "event-log/kafka/open_check.h"
#include "event-log/kafka/record_probe.h"

namespace roster::event_log::kafka {
namespace {

// How often the end of the log is asked for while nothing comes: how old "complete as of" can be.
constexpr absl::Duration kAskAgainAfter = absl::Seconds(1);
// And at most, where records come and the end is reached again and again.
constexpr absl::Duration kAskAtMostEvery = absl::Milliseconds(50);
// Messages taken from the queue at a time.
constexpr size_t kBatch = 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaReader>> KafkaReader::Open(const ClientConfig& config, const Clock& clock,
                                                               const Checkpoint& from) {
  ROSTER_ASSIGN_OR_RETURN(auto client, config.MakeConsumer());
  ROSTER_ASSIGN_OR_RETURN(TopicDescription topic, CheckTopicMatches(*client, config.topic(), from));
  auto reader = std::unique_ptr<KafkaReader>(new KafkaReader(config, clock, std::move(client), std::move(topic)));
  for (size_t i = 0; i < reader->partitions_.size(); ++i) {
    Partition& partition = reader->partitions_[i];
    partition.assigned = true;
    if (!from.position.empty()) partition.complete_until = from.position.next_offsets[i];
  }
  ROSTER_RETURN_IF_ERROR(reader->AssignAll());
  reader->has_genesis_ = !from.position.empty();
  return reader;
}

absl::StatusOr<std::unique_ptr<KafkaReader>> KafkaReader::OpenPartition(const ClientConfig& config, const Clock& clock,
                                                                        const std::string& log_id,
                                                                        RecordLocation from) {
  ROSTER_ASSIGN_OR_RETURN(auto client, config.MakeConsumer());
  ROSTER_ASSIGN_OR_RETURN(TopicDescription topic, CheckTopicHolds(*client, config.topic(), log_id));
  // To librdkafka a negative offset is a word for the beginning or the end.
  if (from.partition < 0 || from.partition >= topic.partitions || from.offset < 0) {
    return absl::InvalidArgumentError(absl::StrCat("topic ", config.topic(), " has ", topic.partitions,
                                                   " partitions, and no record at offset ", from.offset,
                                                   " of partition ", from.partition));
  }
  auto reader = std::unique_ptr<KafkaReader>(new KafkaReader(config, clock, std::move(client), std::move(topic)));
  reader->partitions_[from.partition] = {.assigned = true, .complete_until = from.offset};
  ROSTER_RETURN_IF_ERROR(reader->AssignAll());
  reader->has_genesis_ = true;
  return reader;
}

KafkaReader::KafkaReader(const ClientConfig& config, const Clock& clock, std::unique_ptr<Client> client,
                         TopicDescription topic)
    : config_(config),
      client_(std::move(client)),
      queue_(rd_kafka_queue_get_consumer(client_->get())),
      end_(*client_, clock, config.topic(), topic, queue_.get()),
      partitions_(topic.partitions),
      batch_(kBatch) {}

KafkaReader::~KafkaReader() = default;

void KafkaReader::Interrupt() {
  interrupted_ = true;
  rd_kafka_queue_yield(queue_.get());
  end_.Interrupt();
}

void KafkaReader::LookForEndAnew() {
  end_.Forget();
  end_is_news_ = true;
}

absl::StatusOr<PollResult> KafkaReader::Poll(int max_records, absl::Duration timeout, RecordHandler handler) {
  const Deadline deadline(timeout);
  PollResult result;
  while (true) {
    ROSTER_RETURN_IF_ERROR(TakePendingError());
    if (topic_in_doubt_) {
      ROSTER_RETURN_IF_ERROR(ConfirmTopic(deadline.Remaining()));
      if (topic_in_doubt_) return result;
    }
    if (absl::Status status = WatchEnd(result); !status.ok()) {
      pending_error_ = std::move(status);
      continue;
    }
    if (result.complete_as_of && std::exchange(end_is_news_, false)) return result;
    if (interrupted_.exchange(false)) return result;
    // One message first, waiting, then the rest that is there: a batch call would wait until the batch is full.
    const absl::Duration wait = std::min(deadline.Remaining(), UntilNextQuestion());
    const MessageHandle first(rd_kafka_consumer_poll(client_->get(), ToTimeoutMs(wait)));
    if (first != nullptr) {
      Take(*first, handler, result);
      TakeBatch(max_records - result.records, handler, result);
      if (result.records > 0) {
        end_is_news_ = true;
        return result;
      }
    } else if (deadline.Passed()) {
      return result;
    }
  }
}

// An error ends the reader, or this call only, where it is UNAVAILABLE.
absl::Status KafkaReader::TakePendingError() {
  if (!broken_.ok()) return broken_;
  if (client_->TakeAllBrokersDown() && pending_error_.ok()) {
    pending_error_ = absl::UnavailableError(absl::StrCat("kafka: no broker is reachable", client_->LastErrorSuffix()));
  }
  absl::Status error = std::exchange(pending_error_, absl::OkStatus());
  if (!error.ok() && !absl::IsUnavailable(error)) broken_ = error;
  return error;
}

void KafkaReader::TakeBatch(int max_records, RecordHandler handler, PollResult& result) {
  const int last = result.records + max_records;
  while (result.records < last && pending_error_.ok()) {
    const size_t size = std::min(batch_.size(), static_cast<size_t>(last - result.records));
    const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), 0, batch_.data(), size);
    for (ssize_t i = 0; i < count; ++i) {
      const MessageHandle message(batch_[i]);
      Take(*message, handler, result);
    }
    if (count < static_cast<ssize_t>(size)) return;
  }
}

void KafkaReader::Take(const rd_kafka_message_t& message, RecordHandler handler, PollResult& result) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR && message.err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    TakeError(message);
    return;
  }
  if (message.partition < 0 || static_cast<size_t>(message.partition) >= partitions_.size()) return;
  Partition& partition = partitions_[message.partition];
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    // Its offset is where the reader stands: past commit markers and aborted records, which are not handed to us.
    partition.complete_until = std::max(partition.complete_until, message.offset);
    partition.at_end = true;
    return;
  }
  // It may be another topic's; if it is not, it is read again.
  if (topic_in_doubt_) return;
  handler(ViewOf(message, headers_));
  ++result.records;
  partition.complete_until = message.offset + 1;
  partition.at_end = false;
  has_genesis_ = has_genesis_ || message.partition == 0;
}

void KafkaReader::TakeError(const rd_kafka_message_t& message) {
  if (ConcernsGroupOnly(message.err)) {
    client_->ReportGroupError(message);
    return;
  }
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      topic_in_doubt_ = true;
      end_.Forget();
      break;
    default:
      break;
  }
  if (pending_error_.ok()) pending_error_ = ReadErrorToStatus(*client_, message);
}

bool KafkaReader::AllAtEnd() const {
  return std::all_of(partitions_.begin(), partitions_.end(),
                     [](const Partition& each) { return each.at_end || !each.assigned; });
}

bool KafkaReader::Reached(const EndOfLog::Target& target) const {
  if (!has_genesis_) return false;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    if (partitions_[i].assigned && partitions_[i].complete_until < target.high_watermarks[i]) return false;
  }
  return true;
}

absl::Duration KafkaReader::UntilNextQuestion() const {
  // The answer wakes us.
  if (end_.asking()) return absl::InfiniteDuration();
  const bool news = end_is_news_ && AllAtEnd() && !end_.target();
  return std::max(absl::ZeroDuration(), (news ? kAskAtMostEvery : kAskAgainAfter) - end_.SinceLastAsked());
}

// Asks for the end of the log when it is time, and says in `result` when it was reached.
absl::Status KafkaReader::WatchEnd(PollResult& result) {
  ROSTER_RETURN_IF_ERROR(end_.TakeAnswers());
  if (end_.target() && Reached(*end_.target())) {
    result.complete_as_of = end_.target()->asked_at;
    end_.ClearTarget();
  }
  if (!end_.asking() && UntilNextQuestion() == absl::ZeroDuration()) end_.Ask();
  return absl::OkStatus();
}

absl::Status KafkaReader::ConfirmTopic(absl::Duration timeout) {
  end_.Ask();
  if (absl::Status status = end_.AwaitAnswers(timeout); !status.ok()) {
    pending_error_ = std::move(status);
    return TakePendingError();
  }
  if (!end_.target()) return absl::OkStatus();
  topic_in_doubt_ = false;
  return AssignAll();
}

absl::Status KafkaReader::AssignAll() {
  std::vector<RecordLocation> next;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    if (partitions_[i].assigned) next.push_back({static_cast<int32_t>(i), partitions_[i].complete_until});
  }
  return Assign(*client_, config_.topic(), next);
}

std::vector<int64_t> KafkaReader::KnownEndOffsets() {
  std::vector<int64_t> ends;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    int64_t first = 0;
    int64_t end = RD_KAFKA_OFFSET_INVALID;
    rd_kafka_get_watermark_offsets(client_->get(), config_.topic().c_str(), static_cast<int32_t>(i), &first, &end);
    // A partition that nothing was fetched of yet.
    ends.push_back(std::max(end, partitions_[i].complete_until));
  }
  return ends;
}

void KafkaReader::ReportProgress(const Position& position) {
  if (!config_.has_group() || position.next_offsets.size() != partitions_.size()) return;
  const PartitionListHandle offsets(rd_kafka_topic_partition_list_new(static_cast<int>(partitions_.size())));
  for (size_t i = 0; i < partitions_.size(); ++i) {
    rd_kafka_topic_partition_list_add(offsets.get(), config_.topic().c_str(), static_cast<int32_t>(i))->offset =
        position.next_offsets[i];
  }
  rd_kafka_commit(client_->get(), offsets.get(), /*async=*/1);
}

}  // namespace roster::event_log::kafka
