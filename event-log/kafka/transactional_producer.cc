#include "event-log/kafka/transactional_producer.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "event-log/kafka/deadline.h"
#include "event-log/kafka/kafka_error.h"

namespace roster::event_log::kafka {
namespace {

// Between two calls of while_waiting.
constexpr int kSliceMs = 2;
// Beyond message.timeout.ms, after which librdkafka reports every record as failed by itself.
constexpr absl::Duration kDeliveryTimeout = absl::Seconds(60);
constexpr absl::Duration kAbortTimeout = absl::Seconds(10);
// Beyond transaction.timeout.ms: by then the coordinator has ended the transaction one way or the other.
constexpr absl::Duration kCommitTimeout = absl::Seconds(30);

std::string Describe(const rd_kafka_error_t* error) {
  return absl::StrCat(rd_kafka_error_string(error), " (", rd_kafka_error_name(error), ")");
}

absl::Status Fenced(absl::string_view text) { return absl::AbortedError(absl::StrCat("kafka: lost the lead: ", text)); }

absl::Status Unknown(absl::string_view text) {
  return absl::UnknownError(absl::StrCat("kafka: the outcome of the commit is unknown: ", text));
}

// Why a record did not even leave its queue: librdkafka tells it in its log only.
rd_kafka_resp_err_t CauseOf(rd_kafka_resp_err_t code, absl::string_view last_error) {
  const bool refused = absl::StrContains(last_error, rd_kafka_err2name(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
  return code == RD_KAFKA_RESP_ERR__PURGE_QUEUE && refused ? RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED : code;
}

// What a record that was not delivered to `topic` says, while the producer itself is sound.
absl::Status DeliveryFailure(const Client& client, rd_kafka_resp_err_t code, absl::string_view topic) {
  const rd_kafka_resp_err_t cause = CauseOf(code, client.LastErrorSuffix());
  const std::string text = absl::StrCat("kafka: a record was not taken: ", rd_kafka_err2str(cause),
                                        MissingRight(cause, absl::StrCat("Write on topic ", topic)));
  switch (code) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return absl::ResourceExhaustedError(text);
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
      return Fenced(rd_kafka_err2str(code));
    // Should it be there again, it may be another topic: whoever leads again looks.
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return Fenced(rd_kafka_err2str(code));
    default:
      return absl::UnavailableError(text);
  }
}

}  // namespace

absl::StatusOr<bool> TransactionalProducer::Initialize(absl::Duration timeout) {
  const ErrorHandle error(rd_kafka_init_transactions(client_->get(), ToTimeoutMs(timeout)));
  if (error == nullptr) return true;
  if (rd_kafka_error_is_retriable(error.get())) return false;
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
  const std::string right = absl::StrCat("Write on transactional id ", client_->name());
  return ToStatus(code, "cannot take the lead",
                  absl::StrCat(rd_kafka_error_string(error.get()), MissingRight(code, right)));
}

std::string TransactionalProducer::FatalError() const {
  char text[512];
  const rd_kafka_resp_err_t code = rd_kafka_fatal_error(client_->get(), text, sizeof(text));
  return code == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : absl::StrCat(text, " (", rd_kafka_err2name(code), ")");
}

absl::StatusOr<std::vector<RecordLocation>> TransactionalProducer::Append(const TopicHandle& topic, int32_t partition,
                                                                          absl::Span<const Record> records,
                                                                          absl::FunctionRef<void()> while_waiting) {
  ROSTER_RETURN_IF_ERROR(Begin());
  absl::Status delivered = ProduceAll(topic, partition, records, while_waiting);
  if (delivered.ok()) delivered = AwaitDeliveries(rd_kafka_topic_name(topic.get()), while_waiting);
  // Nothing has been committed so far, and without a commit nothing ever is.
  if (!delivered.ok()) return Abort(std::move(delivered), while_waiting);
  ROSTER_RETURN_IF_ERROR(Commit(while_waiting));
  std::vector<RecordLocation> locations;
  locations.reserve(deliveries_.size());
  for (const Delivery& delivery : deliveries_) {
    // A broker that takes a record for a repeat may not say where it stands; the log does.
    if (delivery.location.offset < 0) return Unknown("committed, but not told where");
    locations.push_back(delivery.location);
  }
  return locations;
}

absl::Status TransactionalProducer::Begin() {
  const ErrorHandle error(rd_kafka_begin_transaction(client_->get()));
  if (error == nullptr) return absl::OkStatus();
  if (rd_kafka_error_is_retriable(error.get())) return absl::UnavailableError(Describe(error.get()));
  return Fenced(Describe(error.get()));
}

absl::Status TransactionalProducer::ProduceAll(const TopicHandle& topic, int32_t partition,
                                               absl::Span<const Record> records, WhileWaiting while_waiting) {
  undelivered_ = 0;
  deliveries_.assign(records.size(), Delivery{.undelivered = &undelivered_});
  const Deadline deadline(kDeliveryTimeout);
  for (size_t i = 0; i < records.size(); ++i) {
    rd_kafka_resp_err_t code = Produce(*client_, topic, partition, records[i], deliveries_[i]);
    while (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && !deadline.Passed()) {
      rd_kafka_poll(client_->get(), kSliceMs);
      while_waiting();
      code = Produce(*client_, topic, partition, records[i], deliveries_[i]);
    }
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return DeliveryFailure(*client_, code, rd_kafka_topic_name(topic.get()));
  }
  return absl::OkStatus();
}

absl::Status TransactionalProducer::AwaitDeliveries(absl::string_view topic, WhileWaiting while_waiting) {
  const Deadline deadline(kDeliveryTimeout);
  while (undelivered_ > 0) {
    rd_kafka_poll(client_->get(), kSliceMs);
    while_waiting();
    if (const std::string fatal = FatalError(); !fatal.empty()) return Fenced(fatal);
    if (deadline.Passed())
      return absl::UnavailableError("kafka: no report about the records" + client_->LastErrorSuffix());
  }
  for (const Delivery& delivery : deliveries_) {
    if (delivery.error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      // A fenced producer may report the records as purged only: the reason stands with the producer.
      const std::string fatal = FatalError();
      return fatal.empty() ? DeliveryFailure(*client_, delivery.error, topic) : Fenced(fatal);
    }
  }
  return absl::OkStatus();
}

// commit_transaction and abort_transaction are waited for on a thread of their own. librdkafka would let them be called
// with a short timeout again and again, but (2.8) all steps of such a call share one place for a result. Where the
// timeout cuts the first step, which is then "not resumable", the result of that step comes late and is taken for that
// of the next one by the call that follows. That call then fails with _STATE although the commit goes on, or was never
// sent; and an answer of the coordinator that comes between two calls aborts the process.

// Returns `cause`, or that the producer is spent where the abort is not confirmed; either way nothing of the batch is,
// or ever will be, on the log.
absl::Status TransactionalProducer::Abort(absl::Status cause, WhileWaiting while_waiting) {
  if (cause.code() == absl::StatusCode::kAborted) return cause;
  ErrorHandle error;
  helper_.Run([&] { error.reset(rd_kafka_abort_transaction(client_->get(), ToTimeoutMs(kAbortTimeout))); },
              while_waiting);
  if (error == nullptr) return cause;
  return Fenced(absl::StrCat("the abort is not confirmed: ", Describe(error.get()), "; after ", cause.message()));
}

// Every error leaves the outcome open, abortable ones too: librdkafka may raise them for a transaction whose commit
// reached the coordinator while the answer was lost.
absl::Status TransactionalProducer::Commit(WhileWaiting while_waiting) {
  ErrorHandle error;
  helper_.Run([&] { error.reset(rd_kafka_commit_transaction(client_->get(), ToTimeoutMs(kCommitTimeout))); },
              while_waiting);
  if (error == nullptr) return absl::OkStatus();
  return Unknown(absl::StrCat(Describe(error.get()), client_->LastErrorSuffix()));
}

}  // namespace roster::event_log::kafka
