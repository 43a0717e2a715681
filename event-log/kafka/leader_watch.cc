#include "event-log/kafka/leader_watch.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/backoff.h"
#include "base/error.h"
#include "base/log.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/deadline.h"
#include "event-log/kafka/kafka_error.h"
#include "event-log/kafka/lead_record.h"
#include "event-log/kafka/record_probe.h"

namespace roster::event_log::kafka {
namespace {

// Records wake the thread at once whatever this is.
constexpr absl::Duration kPollTimeout = absl::Seconds(10);
// Every proof of the lead holds the address, so the last few offsets suffice; aborted ones and markers take some too.
constexpr int64_t kTail = 1000;

// Offsets that librdkafka looks up itself are no good here: see record_probe.cc.
absl::Status AssignTail(const Client& client, const std::string& topic, KeepWaiting keep_waiting) {
  ROSTER_ASSIGN_OR_RETURN(const auto first, ListOffsets(client, topic, 1, LogEnd::kFirst, keep_waiting));
  ROSTER_ASSIGN_OR_RETURN(const auto end, ListOffsets(client, topic, 1, LogEnd::kHighWatermark, keep_waiting));
  return Assign(client, topic, {{0, std::max(first[0], end[0] - kTail)}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<LeaderWatch>> LeaderWatch::Start(const ClientConfig& config,
                                                                std::function<void()> on_change) {
  ROSTER_ASSIGN_OR_RETURN(auto client, config.MakeConsumer());
  return std::unique_ptr<LeaderWatch>(new LeaderWatch(config.control_topic(), std::move(client), std::move(on_change)));
}

LeaderWatch::LeaderWatch(std::string topic, std::unique_ptr<Client> client, std::function<void()> on_change)
    : topic_(std::move(topic)),
      on_change_(std::move(on_change)),
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

// Repeats it until it succeeds: a broker may not have heard of a new topic yet.
void LeaderWatch::BeginAtTail() {
  const auto keep_waiting = [this] { return !stopping_; };
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(5));
  while (!stopping_) {
    const absl::Status assigned = AssignTail(*client_, topic_, keep_waiting);
    if (assigned.ok()) return;
    Log(LogLevel::kDebug, "cannot follow who leads", {{"topic", topic_}, {"error", assigned}});
    Pause(backoff.Next(), keep_waiting).IgnoreError();
  }
}

void LeaderWatch::Run() {
  BeginAtTail();
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
      BeginAtTail();
      return;
    default:
      Log(LogLevel::kDebug, "cannot follow who leads",
          {{"topic", topic_}, {"error", rd_kafka_message_errstr(&message)}});
      return;
  }
  std::optional<std::string> address = ParseLeadRecord({static_cast<const char*>(message.key), message.key_len},
                                                       {static_cast<const char*>(message.payload), message.len});
  if (!address) return;
  {
    absl::MutexLock lock(&mutex_);
    if (leader_ == *address) return;
    leader_ = *std::move(address);
  }
  on_change_();
}

}  // namespace roster::event_log::kafka
