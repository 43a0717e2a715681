#include "event-log/kafka/end_of_log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"

namespace roster::event_log::kafka {
namespace {

// Called by a thread of librdkafka.
void WakeReader(rd_kafka_t* handle, void* wake) { rd_kafka_queue_yield(static_cast<rd_kafka_queue_t*>(wake)); }

}  // namespace

EndOfLog::EndOfLog(const Client& client, const Clock& clock, std::string topic, TopicDescription expected,
                   rd_kafka_queue_t* wake)
    : client_(client),
      clock_(clock),
      topic_(std::move(topic)),
      expected_(std::move(expected)),
      answers_(rd_kafka_queue_new(client.get())) {
  rd_kafka_queue_cb_event_enable(answers_.get(), &WakeReader, wake);
}

EndOfLog::~EndOfLog() { rd_kafka_queue_cb_event_enable(answers_.get(), nullptr, nullptr); }

void EndOfLog::Ask() {
  if (asking_) return;
  asking_ = true;
  stale_ = false;
  asked_at_ = clock_.Now();
  last_asked_ = std::chrono::steady_clock::now();
  high_watermarks_.reset();
  topic_confirmed_ = false;
  outstanding_ = 2;
  AskListOffsets(client_, topic_, expected_.partitions, LogEnd::kHighWatermark, answers_.get());
  AskDescribeTopic(client_, topic_, answers_.get());
}

void EndOfLog::Forget() {
  target_.reset();
  stale_ = asking_;
}

absl::Duration EndOfLog::SinceLastAsked() const {
  if (!last_asked_) return absl::InfiniteDuration();
  return absl::FromChrono(std::chrono::steady_clock::now() - *last_asked_);
}

absl::Status EndOfLog::CheckTopic(const std::optional<TopicDescription>& found) const {
  if (!found) {
    return absl::UnavailableError(absl::StrCat("kafka: there is no topic ", topic_, " at present"));
  }
  if (*found == expected_) return absl::OkStatus();
  const absl::string_view change =
      found->topic_id != expected_.topic_id ? "was deleted and made anew" : "has another number of partitions";
  return absl::FailedPreconditionError(
      absl::StrCat("topic ", topic_, " ", change, " while it was being read: it is not the same log any more"));
}

absl::Status EndOfLog::TakeAnswer(rd_kafka_event_t* answer) {
  --outstanding_;
  if (rd_kafka_event_type(answer) == RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT) {
    ROSTER_ASSIGN_OR_RETURN(const auto found, ReadDescribeTopic(client_, answer));
    ROSTER_RETURN_IF_ERROR(CheckTopic(found));
    topic_confirmed_ = true;
  } else {
    ROSTER_ASSIGN_OR_RETURN(high_watermarks_, ReadListOffsets(client_, answer, expected_.partitions));
  }
  return absl::OkStatus();
}

absl::Status EndOfLog::TakeAnswers() { return AwaitAnswers(absl::ZeroDuration()); }

absl::Status EndOfLog::AwaitAnswers(absl::Duration timeout) {
  absl::Status first_error;
  while (outstanding_ > 0) {
    const EventHandle answer(rd_kafka_queue_poll(answers_.get(), ToTimeoutMs(timeout)));
    if (answer == nullptr) {
      if (SinceLastAsked() < kAnswerTimeout) return first_error;
      return absl::InternalError("kafka: a question for the end of the log was never answered");
    }
    first_error.Update(TakeAnswer(answer.get()));
  }
  asking_ = false;
  if (high_watermarks_ && topic_confirmed_ && !stale_ && !target_) {
    target_ = Target{asked_at_, *std::move(high_watermarks_)};
  }
  high_watermarks_.reset();
  return first_error;
}

}  // namespace roster::event_log::kafka
