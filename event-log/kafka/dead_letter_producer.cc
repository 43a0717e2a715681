#include "event-log/kafka/dead_letter_producer.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "event-log/kafka/deadline.h"
#include "event-log/kafka/kafka_error.h"

namespace roster::event_log::kafka {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(20);
constexpr int kSliceMs = 100;

absl::Status Failure(const Client& client, const TopicHandle& topic, rd_kafka_resp_err_t code) {
  const std::string right = absl::StrCat("Write on topic ", rd_kafka_topic_name(topic.get()));
  const std::string text = absl::StrCat("kafka: the dead-letter topic did not take a record: ", rd_kafka_err2str(code),
                                        MissingRight(code, right), client.LastErrorSuffix());
  return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? absl::ResourceExhaustedError(text)
                                                      : absl::UnavailableError(text);
}

}  // namespace

absl::Status DeadLetterProducer::Copy(const Record& record) {
  absl::MutexLock lock(&mutex_);
  ROSTER_RETURN_IF_ERROR(Connect());
  absl::Status status = Send(record);
  if (!status.ok()) {
    // What a failed client still holds goes with it: nothing is to arrive later, out of turn.
    topic_.reset();
    client_.reset();
  }
  return status;
}

absl::Status DeadLetterProducer::Connect() {
  if (topic_ != nullptr) return absl::OkStatus();
  if (client_ == nullptr) {
    ROSTER_ASSIGN_OR_RETURN(client_, config_.MakeProducer());
  }
  ROSTER_ASSIGN_OR_RETURN(topic_, OpenTopic(*client_, config_.dead_letter_topic()));
  return absl::OkStatus();
}

absl::Status DeadLetterProducer::Send(const Record& record) {
  attempt_ = std::make_unique<Attempt>();
  attempt_->delivery.undelivered = &attempt_->undelivered;
  const rd_kafka_resp_err_t code = Produce(*client_, topic_, kByKey, record, attempt_->delivery);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return Failure(*client_, topic_, code);
  const Deadline deadline(kTimeout);
  while (attempt_->undelivered > 0 && !deadline.Passed()) rd_kafka_poll(client_->get(), kSliceMs);
  if (attempt_->undelivered > 0) return Failure(*client_, topic_, RD_KAFKA_RESP_ERR__TIMED_OUT);
  return attempt_->delivery.error == RD_KAFKA_RESP_ERR_NO_ERROR ? absl::OkStatus()
                                                                : Failure(*client_, topic_, attempt_->delivery.error);
}

}  // namespace roster::event_log::kafka
