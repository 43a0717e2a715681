#ifndef ROSTER_EVENT_LOG_KAFKA_DEAD_LETTER_PRODUCER_H_
#define ROSTER_EVENT_LOG_KAFKA_DEAD_LETTER_PRODUCER_H_

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "event-log/event_log.h"
#include "event-log/kafka/client_config.h"
#include "event-log/kafka/delivery.h"

namespace roster::event_log::kafka {

// Copies records to the dead-letter topic, one at a time. Connects at the first one.
//
// Thread safety: safe from any thread; one copy at a time.
class DeadLetterProducer {
 public:
  // `config` must outlive it.
  explicit DeadLetterProducer(const ClientConfig& config) : config_(config) {}

  // As EventLog::CopyToDeadLetterTopic. UNAVAILABLE: try again later, it may come twice then. RESOURCE_EXHAUSTED: the
  // topic takes no record of this size.
  absl::Status Copy(const Record& record);

 private:
  struct Attempt {
    size_t undelivered = 0;
    Delivery delivery;
  };

  absl::Status Connect() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Send(const Record& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ClientConfig& config_;
  absl::Mutex mutex_;
  // Declared before the client, which may write to it until it is gone.
  std::unique_ptr<Attempt> attempt_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Client> client_ ABSL_GUARDED_BY(mutex_);
  TopicHandle topic_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_DEAD_LETTER_PRODUCER_H_
