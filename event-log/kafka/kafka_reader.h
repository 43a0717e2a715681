#ifndef ROSTER_EVENT_LOG_KAFKA_KAFKA_READER_H_
#define ROSTER_EVENT_LOG_KAFKA_KAFKA_READER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event-log/event_log.h"
#include "event-log/kafka/client_config.h"
#include "event-log/kafka/end_of_log.h"

namespace roster::event_log::kafka {

// Reads all partitions of the topic. What librdkafka finds wrong with the connection it retries for ever; Poll says
// UNAVAILABLE meanwhile and goes on where it was once the brokers are back.
class KafkaReader : public Reader {
 public:
  // Compares the topic with `from` first, as EventLog::OpenReader says. UNAVAILABLE where there is no topic yet.
  // `config` and `clock` must outlive the reader.
  static absl::StatusOr<std::unique_ptr<KafkaReader>> Open(const ClientConfig& config, const Clock& clock,
                                                           const Checkpoint& from);
  // Of one partition, as EventLog::OpenPartitionReader says.
  static absl::StatusOr<std::unique_ptr<KafkaReader>> OpenPartition(const ClientConfig& config, const Clock& clock,
                                                                    const std::string& log_id, RecordLocation from);
  ~KafkaReader() override;

  absl::StatusOr<PollResult> Poll(int max_records, absl::Duration timeout, RecordHandler handler) override;
  void Interrupt() override;
  void LookForEndAnew() override;
  std::vector<int64_t> KnownEndOffsets() override;
  void ReportProgress(const Position& position) override;

 private:
  struct Partition {
    // Whether it is read at all.
    bool assigned = false;
    // All committed records before it have been handed over.
    int64_t complete_until = 0;
    // Whether the last thing it said was "the end".
    bool at_end = false;
  };

  KafkaReader(const ClientConfig& config, const Clock& clock, std::unique_ptr<Client> client, TopicDescription topic);

  void Take(const rd_kafka_message_t& message, RecordHandler handler, PollResult& result);
  void TakeError(const rd_kafka_message_t& message);
  // Takes what lies ready in the queue, up to `max_records` records.
  void TakeBatch(int max_records, RecordHandler handler, PollResult& result);
  absl::Status WatchEnd(PollResult& result);
  // Reads on where each partition stands.
  absl::Status AssignAll();
  bool AllAtEnd() const;
  bool Reached(const EndOfLog::Target& target) const;
  absl::Duration UntilNextQuestion() const;
  absl::Status ConfirmTopic(absl::Duration timeout);
  absl::Status TakePendingError();

  const ClientConfig& config_;
  std::unique_ptr<Client> client_;
  QueueHandle queue_;
  EndOfLog end_;
  std::vector<Partition> partitions_;
  std::atomic<bool> interrupted_ = false;
  // Records were handed over since the end was last told, or it never was.
  bool end_is_news_ = true;
  // The genesis record has been handed over: before, there is no log whose end could be reached.
  bool has_genesis_ = false;
  // The brokers said that there is no such topic: nothing is read before we know that it is the same one.
  bool topic_in_doubt_ = false;
  // Told at the next Poll, where this one has records to hand over.
  absl::Status pending_error_;
  // Set once the reader is of no further use.
  absl::Status broken_;
  std::vector<rd_kafka_message_t*> batch_;
  std::vector<HeaderView> headers_;
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_KAFKA_READER_H_
