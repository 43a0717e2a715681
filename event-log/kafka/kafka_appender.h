#ifndef ROSTER_EVENT_LOG_KAFKA_KAFKA_APPENDER_H_
#define ROSTER_EVENT_LOG_KAFKA_KAFKA_APPENDER_H_

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event-log/event_log.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/client_config.h"
#include "event-log/kafka/topic_guard.h"
#include "event-log/kafka/transactional_producer.h"

namespace roster::event_log::kafka {

// Appends through two transactional producers used in turn, strictly one transaction after another: while the
// coordinator still tidies up one's last transaction, the other's next is not held up by it.
//
// Invariant: each appender takes over id 0, then id 1; then it begins with producer 0 and goes on to the other only
// after a commit. So of two programs that lead at once the one that does not hold id 0 commits nothing more. Taking
// over both at the same time would not do: whoever led before might keep id 1, and prove its lead with it, after the
// other one has committed under id 0 (docs/model/lead.pml).
class KafkaAppender : public Appender {
 public:
  // Takes over both transactional ids of the log: afterwards no earlier appender can commit anything. Errors as
  // TransactionalProducer::Initialize; CANCELLED once `keep_waiting` returns false. Proofs of the lead tell others
  // `address`, which may be empty.
  static absl::StatusOr<std::unique_ptr<KafkaAppender>> Make(const ClientConfig& config, const std::string& address,
                                                             KeepWaiting keep_waiting);

  ~KafkaAppender() override;

  absl::StatusOr<std::vector<RecordLocation>> Append(absl::Span<const Record> records,
                                                     absl::FunctionRef<void()> while_waiting) override;
  absl::Status ProveLead(absl::FunctionRef<void()> while_waiting) override;

  // From now on notices where the topic is not any more what it was: see TopicGuard.
  void Guard(const std::string& topic, TopicDescription description, std::vector<int64_t> ends);

  // Appends the genesis record, to partition 0 whatever its key says.
  absl::Status AppendGenesis(const Record& genesis);

 private:
  // One of the two ids, with the topics it appends to.
  struct Writer {
    std::unique_ptr<TransactionalProducer> producer;
    // After the producer, so that they go before it.
    TopicHandle topic;
    TopicHandle control_topic;
  };

  explicit KafkaAppender(Record proof) : proof_(std::move(proof)) {}
  absl::Status Initialize(KeepWaiting keep_waiting);
  absl::StatusOr<std::vector<RecordLocation>> AppendTo(TopicHandle Writer::* topic, int32_t partition,
                                                       absl::Span<const Record> records,
                                                       absl::FunctionRef<void()> while_waiting);
  absl::StatusOr<std::vector<RecordLocation>> AppendToLog(int32_t partition, absl::Span<const Record> records,
                                                          absl::FunctionRef<void()> while_waiting);

  const Record proof_;
  std::array<Writer, 2> writers_;
  // After the writers, one of whose clients it asks with.
  std::optional<TopicGuard> guard_;
  size_t next_ = 0;
  bool spent_ = false;
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_KAFKA_APPENDER_H_
