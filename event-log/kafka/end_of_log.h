#ifndef ROSTER_EVENT_LOG_KAFKA_END_OF_LOG_H_
#define ROSTER_EVENT_LOG_KAFKA_END_OF_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/client.h"
#include "event-log/kafka/deadline.h"

namespace roster::event_log::kafka {

// Tells a reader when it has everything. A notice of the end of a partition alone does not: a committed reader gets it
// at the last stable offset, before an open transaction. So this asks the brokers for the high watermarks, and a reader
// that has come as far in every partition has all that was committed before the question. With each question it asks
// which topic stands under the name, so that one that was recreated or grew is noticed.
//
// Asks without waiting; the brokers' answers wake the reader through its queue.
//
// Thread safety: one thread.
class EndOfLog {
 public:
  // How far the reader has to come, and what it may then say.
  struct Target {
    absl::Time asked_at;
    std::vector<int64_t> high_watermarks;
  };

  // `client` and `clock` must outlive it. `wake` is yielded when an answer comes.
  EndOfLog(const Client& client, const Clock& clock, std::string topic, TopicDescription expected,
           rd_kafka_queue_t* wake);
  ~EndOfLog();

  // Puts the question, unless one is under way.
  void Ask();
  bool asking() const { return asking_; }
  absl::Duration SinceLastAsked() const;

  // Takes in the answers that have come. UNAVAILABLE where the brokers do not answer; FAILED_PRECONDITION where another
  // topic stands under the name, or it has other partitions; INTERNAL where librdkafka has lost the question: without
  // an answer no end would ever be told again, so that the reader is to be opened anew.
  absl::Status TakeAnswers();

  // Waits for an answer, or until `timeout` or Interrupt.
  absl::Status AwaitAnswers(absl::Duration timeout);
  // From any thread.
  void Interrupt() { rd_kafka_queue_yield(answers_.get()); }

  // What to reach: from the first question answered since the last ClearTarget. It stays until it is met, since a later
  // one might stay ahead of a reader that is behind.
  const std::optional<Target>& target() const { return target_; }
  void ClearTarget() { target_.reset(); }

  // Clears the target and lets no question of before now set another.
  void Forget();

 private:
  absl::Status TakeAnswer(rd_kafka_event_t* answer);
  absl::Status CheckTopic(const std::optional<TopicDescription>& found) const;

  const Client& client_;
  const Clock& clock_;
  const std::string topic_;
  const TopicDescription expected_;
  QueueHandle answers_;
  bool asking_ = false;
  // What is being answered was asked before Forget.
  bool stale_ = false;
  absl::Time asked_at_;
  std::optional<std::chrono::steady_clock::time_point> last_asked_;
  // Parts of the answer that have come.
  std::optional<std::vector<int64_t>> high_watermarks_;
  bool topic_confirmed_ = false;
  int outstanding_ = 0;
  std::optional<Target> target_;
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_END_OF_LOG_H_
