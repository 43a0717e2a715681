#include "event-log/kafka/leader_watch.h"

#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "event-log/kafka/deadline.h"
#include "event-log/kafka/kafka_error.h"
#include "event-log/kafka/lead_record.h"
#include "event-log/kafka/record_probe.h"

namespace roster::event_log::kafka {
namespace {

// Records wake the thread at once whatever this is.
constexpr absl::Duration kPollTimeout = absl::Seconds(10);
// Every proof of the lead holds the address, so the last few offsets suffice; aborted ones and markers take some too.
constexpr int kTail = 1000;

}  // namespace

absl::StatusOr<std::unique_ptr<LeaderWatch>> LeaderWatch::Start(const ClientConfig& config) {
  ROSTER_ASSIGN_OR_RETURN(auto client, config.MakeConsumer());
  ROSTER_RETURN_IF_ERROR(Assign(*client, config.control_topic(), {{0, RD_KAFKA_OFFSET_TAIL(kTail)}}));
  return std::unique_ptr<LeaderWatch>(new LeaderWatch(config.control_topic(), std::move(client)));
}

LeaderWatch::LeaderWatch(std::string topic, std::unique_ptr<Client> client)
    : topic_(std::move(topic)),
      client_(std::move(client)),
      queue_(rd_kafka_queue_get_consumer(client_->get())),
      thread_([this] { Run(); }) {}

LeaderWatch::~LeaderWatch() {
  stopping_ = true;
  rd_kafka_queue_yield(queue_.get());
  thread_.join();
}

std::string LeaderWatch::leader() const {
  absl::MutexLock lock(&mutex_);
  return leader_;
}

void LeaderWatch::Run() {
  while (!stopping_) {
    const MessageHandle message(rd_kafka_consumer_poll(client_->get(), ToTimeoutMs(kPollTimeout)));
    if (message != nullptr) Take(*message);
  }
}

void LeaderWatch::Take(const rd_kafka_message_t& message) {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      break;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      // Records of the tail were deleted, or the topic was made anew.
      Assign(*client_, topic_, {{0, RD_KAFKA_OFFSET_BEGINNING}}).IgnoreError();
      return;
    default:
      Log(LogLevel::kDebug, "cannot follow who leads",
          {{"topic", topic_}, {"error", rd_kafka_message_errstr(&message)}});
      return;
  }
  if (absl::string_view(static_cast<const char*>(message.key), message.key_len) != kLeadKey) return;
  absl::MutexLock lock(&mutex_);
  leader_.assign(static_cast<const char*>(message.payload), message.len);
}

}  // namespace roster::event_log::kafka
