#ifndef ROSTER_EVENT_LOG_KAFKA_TOPIC_GUARD_H_
#define ROSTER_EVENT_LOG_KAFKA_TOPIC_GUARD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "event-log/event_log.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/client.h"

namespace roster::event_log::kafka {

// Keeps an appender from acknowledging what it wrote to another log: a producer does not mind that its topic is deleted
// and made anew, given partitions, or cut short by an unclean election. So each append must stand behind the one
// before, and at most a second old is the knowledge which topic stands under the name.
//
// Thread safety: one thread.
class TopicGuard {
 public:
  // `client` must outlive it. `ends`: of each partition, where the next record stands at the earliest.
  TopicGuard(const Client& client, std::string topic, TopicDescription expected, std::vector<int64_t> ends);

  // To be called when an append begins: asks which topic it is, where that was not asked lately. Waits for nothing.
  void Begin();

  // To be called when the append is committed, before anybody hears of it. UNKNOWN where it stands on another log than
  // the appends before; the guard is spent then. Brokers that do not tell are not waited for: the next append asks.
  absl::Status Confirm(absl::Span<const RecordLocation> locations, absl::FunctionRef<void()> while_waiting);

 private:
  absl::Status CheckOffsets(absl::Span<const RecordLocation> locations);
  absl::Status TakeAnswer(absl::FunctionRef<void()> while_waiting);

  const Client& client_;
  const std::string topic_;
  const TopicDescription expected_;
  std::vector<int64_t> ends_;
  QueueHandle answers_;
  // Set while no answer has come.
  bool asking_ = false;
  bool just_asked_ = false;
  absl::Time asked_at_ = absl::InfinitePast();
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_TOPIC_GUARD_H_
