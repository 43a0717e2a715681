#include "event-log/kafka/kafka_log.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/client_config.h"
#include "event-log/kafka/dead_letter_producer.h"
#include "event-log/kafka/kafka_candidacy.h"
#include "event-log/kafka/kafka_reader.h"
#include "event-log/kafka/lead_taker.h"
#include "event-log/kafka/record_probe.h"

namespace roster::event_log::kafka {
namespace {

class KafkaLog : public EventLog {
 public:
  KafkaLog(ClientConfig config, int partitions, int replication_factor, const Clock& clock)
      : config_(std::move(config)),
        clock_(clock),
        lead_taker_(config_, partitions, replication_factor, clock),
        dead_letters_(config_) {}

  absl::StatusOr<std::optional<LogIdentity>> ReadIdentity() override {
    ROSTER_ASSIGN_OR_RETURN(const auto consumer, config_.MakeConsumer());
    ROSTER_ASSIGN_OR_RETURN(const auto topic, DescribeTopic(*consumer, config_.topic()));
    if (!topic) return std::optional<LogIdentity>();
    return ReadTopicIdentity(*consumer, config_.topic(), topic->partitions);
  }

  absl::StatusOr<std::unique_ptr<Appender>> Lead(absl::FunctionRef<bool()> keep_waiting) override {
    ROSTER_ASSIGN_OR_RETURN(auto consumer, config_.MakeConsumer());
    return lead_taker_.Take(consumer, /*address=*/"", [] { return absl::OkStatus(); }, keep_waiting);
  }

  absl::StatusOr<std::unique_ptr<Candidacy>> Stand(const CandidacyOptions& options,
                                                   absl::FunctionRef<bool()> keep_waiting) override {
    return KafkaCandidacy::Stand(config_, lead_taker_, options, keep_waiting);
  }

  absl::StatusOr<std::unique_ptr<Reader>> OpenReader(const Checkpoint& from) override {
    return KafkaReader::Open(config_, clock_, from);
  }

  absl::StatusOr<std::vector<int64_t>> ReadEndOffsets() override {
    ROSTER_ASSIGN_OR_RETURN(const auto consumer, config_.MakeConsumer());
    ROSTER_ASSIGN_OR_RETURN(const auto topic, DescribeTopic(*consumer, config_.topic()));
    if (!topic) return std::vector<int64_t>();
    return ListOffsets(*consumer, config_.topic(), topic->partitions, LogEnd::kHighWatermark);
  }

  absl::StatusOr<std::unique_ptr<Reader>> OpenPartitionReader(const std::string& log_id, RecordLocation from) override {
    return KafkaReader::OpenPartition(config_, clock_, log_id, from);
  }

  absl::Status CopyToDeadLetterTopic(const Record& record) override { return dead_letters_.Copy(record); }

 private:
  const ClientConfig config_;
  const Clock& clock_;
  const LeadTaker lead_taker_;
  DeadLetterProducer dead_letters_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EventLog>> OpenKafkaLog(const KafkaLogOptions& options, const Clock& clock) {
  ROSTER_ASSIGN_OR_RETURN(ClientConfig config, ClientConfig::Make(options.address.brokers, options.address.topic,
                                                                  options.group, options.properties));
  return std::make_unique<KafkaLog>(std::move(config), options.partitions, options.replication_factor, clock);
}

}  // namespace roster::event_log::kafka
