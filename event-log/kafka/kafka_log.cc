#include "event-log/kafka/kafka_log.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/backoff.h"
#include "base/error.h"
#include "base/log.h"
#include "base/uuid.h"
#include "event-log/genesis.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/client_config.h"
#include "event-log/kafka/dead_letter_producer.h"
#include "event-log/kafka/kafka_appender.h"
#include "event-log/kafka/kafka_reader.h"
#include "event-log/kafka/keep_waiting.h"
#include "event-log/kafka/open_check.h"
#include "event-log/kafka/record_probe.h"
#include "event-log/kafka/topic_setup.h"

namespace roster::event_log::kafka {
namespace {

// Between two looks whether others' transactions have ended.
constexpr absl::Duration kLookAgainAfter = absl::Milliseconds(100);

class KafkaLog : public EventLog {
 public:
  KafkaLog(ClientConfig config, int partitions, int replication_factor, const Clock& clock)
      : config_(std::move(config)),
        partitions_(partitions),
        replication_factor_(replication_factor),
        clock_(clock),
        dead_letters_(config_) {}

  absl::StatusOr<std::optional<LogIdentity>> ReadIdentity() override {
    ROSTER_ASSIGN_OR_RETURN(const auto consumer, config_.MakeConsumer());
    ROSTER_ASSIGN_OR_RETURN(const auto topic, DescribeTopic(*consumer, config_.topic()));
    if (!topic) return std::optional<LogIdentity>();
    return ReadTopicIdentity(*consumer, config_.topic(), topic->partitions);
  }

  absl::StatusOr<std::unique_ptr<Appender>> Lead(absl::FunctionRef<bool()> keep_waiting) override {
    Backoff backoff(absl::Milliseconds(200), absl::Seconds(5));
    while (true) {
      auto appender = TryToLead(keep_waiting);
      if (appender.ok()) return appender;
      // UNAVAILABLE: the brokers are away; ABORTED: another one took the lead meanwhile.
      if (!absl::IsUnavailable(appender.status()) && !absl::IsAborted(appender.status())) return appender;
      Log(LogLevel::kWarning, "cannot take the lead of the log yet; trying again",
          {{"topic", config_.topic()}, {"error", appender.status()}});
      ROSTER_RETURN_IF_ERROR(Pause(backoff.Next(), keep_waiting));
    }
  }

  absl::StatusOr<std::unique_ptr<Reader>> OpenReader(const Checkpoint& from) override {
    return KafkaReader::Open(config_, clock_, from);
  }

  absl::Status CopyToDeadLetterTopic(const Record& record) override { return dead_letters_.Copy(record); }

 private:
  absl::StatusOr<std::unique_ptr<Appender>> TryToLead(KeepWaiting keep_waiting) {
    ROSTER_ASSIGN_OR_RETURN(const auto consumer, config_.MakeConsumer());
    // Before any producer asks for them: a broker might create them with settings of its own.
    ROSTER_ASSIGN_OR_RETURN(const TopicDescription topic,
                            SetUpTopics(*consumer, config_, partitions_, replication_factor_, keep_waiting));
    ROSTER_ASSIGN_OR_RETURN(auto appender, KafkaAppender::Make(config_, keep_waiting));
    ROSTER_RETURN_IF_ERROR(AwaitStableEnd(*consumer, topic.partitions, keep_waiting));
    ROSTER_ASSIGN_OR_RETURN(const auto identity,
                            ReadTopicIdentity(*consumer, config_.topic(), topic.partitions, keep_waiting));
    if (identity) {
      ROSTER_RETURN_IF_ERROR(CheckPartitions(config_.topic(), identity->partitions, topic.partitions));
    } else {
      ROSTER_RETURN_IF_ERROR(WriteGenesis(*appender, topic.partitions));
    }
    return std::unique_ptr<Appender>(std::move(appender));
  }

  // Our ids are initialised, so no transaction of theirs is open; waits for those of others, which hide what comes
  // after.
  absl::Status AwaitStableEnd(const Client& client, int partitions, KeepWaiting keep_waiting) {
    const std::string& topic = config_.topic();
    ROSTER_ASSIGN_OR_RETURN(const auto high,
                            ListOffsets(client, topic, partitions, LogEnd::kHighWatermark, keep_waiting));
    for (int look = 0;; ++look) {
      ROSTER_ASSIGN_OR_RETURN(const auto stable,
                              ListOffsets(client, topic, partitions, LogEnd::kLastStable, keep_waiting));
      bool reached = true;
      for (int i = 0; i < partitions; ++i) reached = reached && stable[i] >= high[i];
      if (reached) return absl::OkStatus();
      if (look == 0) {
        Log(LogLevel::kWarning, "another program has a transaction open on the log; waiting for its end",
            {{"topic", topic}});
      }
      ROSTER_RETURN_IF_ERROR(Pause(kLookAgainAfter, keep_waiting));
    }
  }

  absl::Status WriteGenesis(KafkaAppender& appender, int partitions) {
    const LogIdentity identity{UuidV7Generator(clock_).Next(), partitions};
    absl::Status written = appender.AppendGenesis(MakeGenesisRecord(identity, clock_.Now()));
    // Whether an unknown one is there is found out by leading again.
    if (absl::IsUnknown(written)) return absl::UnavailableError(written.message());
    return written;
  }

  const ClientConfig config_;
  const int partitions_;
  const int replication_factor_;
  const Clock& clock_;
  DeadLetterProducer dead_letters_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EventLog>> OpenKafkaLog(const KafkaLogOptions& options, const Clock& clock) {
  ROSTER_ASSIGN_OR_RETURN(ClientConfig config, ClientConfig::Make(options.address.brokers, options.address.topic,
                                                                  options.group, options.properties));
  return std::make_unique<KafkaLog>(std::move(config), options.partitions, options.replication_factor, clock);
}

}  // namespace roster::event_log::kafka
