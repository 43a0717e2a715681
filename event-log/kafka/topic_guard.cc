#include "event-log/kafka/topic_guard.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/steady_time.h"
#include "event-log/kafka/deadline.h"

namespace roster::event_log::kafka {
namespace {

constexpr absl::Duration kAskEvery = absl::Seconds(1);
// The answer mostly comes before the commit. Only the append that asked waits for it: a broker that is away must not
// slow down those that follow.
constexpr absl::Duration kWaitForAnswer = absl::Milliseconds(50);
constexpr absl::Duration kSlice = absl::Milliseconds(2);

}  // namespace

TopicGuard::TopicGuard(const Client& client, std::string topic, TopicDescription expected, std::vector<int64_t> ends)
    : client_(client),
      topic_(std::move(topic)),
      expected_(std::move(expected)),
      ends_(std::move(ends)),
      answers_(rd_kafka_queue_new(client.get())) {}

void TopicGuard::Begin() {
  const absl::Time now = SteadyNow();
  if (now - asked_at_ < (asking_ ? kAnswerTimeout : kAskEvery)) return;
  asking_ = just_asked_ = true;
  asked_at_ = now;
  AskDescribeTopic(client_, topic_, answers_.get());
}

absl::Status TopicGuard::Confirm(absl::Span<const RecordLocation> locations, absl::FunctionRef<void()> while_waiting) {
  ROSTER_RETURN_IF_ERROR(CheckOffsets(locations));
  return TakeAnswer(while_waiting);
}

absl::Status TopicGuard::CheckOffsets(absl::Span<const RecordLocation> locations) {
  for (const RecordLocation& location : locations) {
    if (location.partition < 0 || static_cast<size_t>(location.partition) >= ends_.size()) {
      return absl::UnknownError(absl::StrCat("topic ", topic_, " has more partitions than before"));
    }
    int64_t& end = ends_[location.partition];
    if (location.offset < end) {
      return absl::UnknownError(absl::StrCat("topic ", topic_, " was made anew or has lost records: partition ",
                                             location.partition, " took a record at offset ", location.offset,
                                             ", before its former end ", end));
    }
    end = location.offset + 1;
  }
  return absl::OkStatus();
}

absl::Status TopicGuard::TakeAnswer(absl::FunctionRef<void()> while_waiting) {
  if (!asking_) return absl::OkStatus();
  const Deadline deadline(std::exchange(just_asked_, false) ? kWaitForAnswer : absl::ZeroDuration());
  EventHandle answer(rd_kafka_queue_poll(answers_.get(), 0));
  while (answer == nullptr && !deadline.Passed()) {
    while_waiting();
    answer.reset(rd_kafka_queue_poll(answers_.get(), ToTimeoutMs(kSlice)));
  }
  if (answer == nullptr) return absl::OkStatus();
  asking_ = false;
  const auto found = ReadDescribeTopic(client_, answer.get());
  if (!found.ok() || *found == expected_) return absl::OkStatus();
  return absl::UnknownError(absl::StrCat("topic ", topic_, " was deleted, made anew or given partitions while it was ",
                                         "written to: it is not the same log any more"));
}

}  // namespace roster::event_log::kafka
