#include "event-log/kafka/kafka_appender.h"

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "event-log/kafka/deadline.h"
#include "event-log/kafka/lead_record.h"

namespace roster::event_log::kafka {
namespace {

constexpr absl::Duration kSlice = absl::Milliseconds(20);
// Then the caller reports it, and begins anew.
constexpr absl::Duration kInitializeTimeout = absl::Seconds(30);

}  // namespace

absl::StatusOr<std::unique_ptr<KafkaAppender>> KafkaAppender::Make(const ClientConfig& config,
                                                                   const std::string& address,
                                                                   KeepWaiting keep_waiting) {
  auto appender = std::unique_ptr<KafkaAppender>(new KafkaAppender(MakeLeadRecord(address)));
  for (size_t i = 0; i < appender->writers_.size(); ++i) {
    ROSTER_ASSIGN_OR_RETURN(auto client,
                            config.MakeTransactionalProducer(absl::StrCat("roster.", config.topic(), ".", i)));
    appender->writers_[i].producer = std::make_unique<TransactionalProducer>(std::move(client));
  }
  ROSTER_RETURN_IF_ERROR(appender->Initialize(keep_waiting));
  for (Writer& writer : appender->writers_) {
    ROSTER_ASSIGN_OR_RETURN(writer.topic, writer.producer->OpenTopic(config.topic()));
    ROSTER_ASSIGN_OR_RETURN(writer.control_topic, writer.producer->OpenTopic(config.control_topic()));
  }
  return appender;
}

// librdkafka often takes a second to end a transactional producer (2.8), and whoever lost the lead waits for it.
KafkaAppender::~KafkaAppender() {
  guard_.reset();
  std::thread other([this] { const Writer gone = std::move(writers_[1]); });
  {
    const Writer gone = std::move(writers_[0]);
  }
  other.join();
}

// One id after the other, as the invariant says. Taking over an id whose holder has a transaction open lasts half a
// second.
absl::Status KafkaAppender::Initialize(KeepWaiting keep_waiting) {
  const Deadline deadline(kInitializeTimeout);
  for (Writer& writer : writers_) {
    while (true) {
      ROSTER_ASSIGN_OR_RETURN(const bool initialized, writer.producer->Initialize(kSlice));
      if (initialized) break;
      if (deadline.Passed()) return absl::UnavailableError("kafka: no answer to the request for the lead");
      if (!keep_waiting()) return absl::CancelledError("kafka: gave up taking the lead");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RecordLocation>> KafkaAppender::AppendTo(TopicHandle Writer::* topic, int32_t partition,
                                                                    absl::Span<const Record> records,
                                                                    absl::FunctionRef<void()> while_waiting) {
  if (spent_) return absl::AbortedError("kafka: this appender lost the lead before; lead again");
  const Writer& writer = writers_[next_];
  auto locations = writer.producer->Append(writer.*topic, partition, records, while_waiting);
  if (locations.ok()) {
    next_ = 1 - next_;
    return locations;
  }
  const AppendFailure failure = FailureOf(locations.status());
  spent_ = failure == AppendFailure::kFenced || failure == AppendFailure::kUnknown;
  return locations;
}

absl::StatusOr<std::vector<RecordLocation>> KafkaAppender::Append(absl::Span<const Record> records,
                                                                  absl::FunctionRef<void()> while_waiting) {
  // An empty transaction reaches no broker: it would seem to succeed for a fenced producer too.
  if (records.empty()) return std::vector<RecordLocation>();
  return AppendToLog(kByKey, records, while_waiting);
}

absl::StatusOr<std::vector<RecordLocation>> KafkaAppender::AppendToLog(int32_t partition,
                                                                       absl::Span<const Record> records,
                                                                       absl::FunctionRef<void()> while_waiting) {
  if (guard_) guard_->Begin();
  ROSTER_ASSIGN_OR_RETURN(auto locations, AppendTo(&Writer::topic, partition, records, while_waiting));
  if (!guard_) return locations;
  if (absl::Status confirmed = guard_->Confirm(locations, while_waiting); !confirmed.ok()) {
    spent_ = true;
    return confirmed;
  }
  return locations;
}

void KafkaAppender::Guard(const std::string& topic, TopicDescription description, std::vector<int64_t> ends) {
  guard_.emplace(writers_[0].producer->client(), topic, std::move(description), std::move(ends));
}

absl::Status KafkaAppender::ProveLead(absl::FunctionRef<void()> while_waiting) {
  return AppendTo(&Writer::control_topic, 0, {&proof_, 1}, while_waiting).status();
}

absl::Status KafkaAppender::AppendGenesis(const Record& genesis) {
  return AppendToLog(0, {&genesis, 1}, [] {}).status();
}

}  // namespace roster::event_log::kafka
