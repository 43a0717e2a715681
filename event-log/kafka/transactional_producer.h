#ifndef ROSTER_EVENT_LOG_KAFKA_TRANSACTIONAL_PRODUCER_H_
#define ROSTER_EVENT_LOG_KAFKA_TRANSACTIONAL_PRODUCER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/helper_thread.h"
#include "event-log/event_log.h"
#include "event-log/kafka/client.h"
#include "event-log/kafka/delivery.h"

namespace roster::event_log::kafka {

// One transactional.id: appends batches, each in a transaction of its own.
//
// Thread safety: one thread.
class TransactionalProducer {
 public:
  explicit TransactionalProducer(std::unique_ptr<Client> client) : client_(std::move(client)) {}

  // Takes the transactional.id over from whoever had it, and ends what they had open. To be called until it returns
  // true: each call waits up to `timeout`, and the work goes on between two calls. FAILED_PRECONDITION where Kafka
  // refuses. After an error, UNAVAILABLE too, the producer is of no further use.
  absl::StatusOr<bool> Initialize(absl::Duration timeout);

  // To ask about topics with.
  const Client& client() const { return *client_; }

  // A topic to append to. UNAVAILABLE where it is not known just now.
  absl::StatusOr<TopicHandle> OpenTopic(const std::string& topic) const { return kafka::OpenTopic(*client_, topic); }

  // As Appender::Append, with the same codes; `partition` may be kByKey.
  absl::StatusOr<std::vector<RecordLocation>> Append(const TopicHandle& topic, int32_t partition,
                                                     absl::Span<const Record> records,
                                                     absl::FunctionRef<void()> while_waiting);

 private:
  using WhileWaiting = absl::FunctionRef<void()>;

  absl::Status Begin();
  absl::Status ProduceAll(const TopicHandle& topic, int32_t partition, absl::Span<const Record> records,
                          WhileWaiting while_waiting);
  absl::Status AwaitDeliveries(absl::string_view topic, WhileWaiting while_waiting);
  absl::Status Abort(absl::Status cause, WhileWaiting while_waiting);
  absl::Status Commit(WhileWaiting while_waiting);
  // What went wrong for good with this producer; empty where nothing did.
  std::string FatalError() const;

  // Declared before the client, so that they are there for as long as it may write to them.
  std::vector<Delivery> deliveries_;
  size_t undelivered_ = 0;
  std::unique_ptr<Client> client_;
  // For calls of librdkafka that may block.
  HelperThread helper_;
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_TRANSACTIONAL_PRODUCER_H_
