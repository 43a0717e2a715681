#include "event-log/kafka/lead_taker.h"

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/backoff.h"
#include "base/error.h"
#include "base/log.h"
#include "base/uuid.h"
#include "event-log/genesis.h"
#include "event-log/kafka/durability.h"
#include "event-log/kafka/open_check.h"
#include "event-log/kafka/record_probe.h"
#include "event-log/kafka/topic_setup.h"

namespace roster::event_log::kafka {
namespace {

// Between two looks whether others' transactions have ended.
constexpr absl::Duration kLookAgainAfter = absl::Milliseconds(100);

const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename Value>
const absl::Status& StatusOf(const absl::StatusOr<Value>& value) {
  return value.status();
}

// Repeats `attempt` until it succeeds, or fails for good.
template <typename Attempt>
auto TryUntilDone(const std::string& topic, KeepWaiting keep_waiting, Attempt attempt) -> decltype(attempt()) {
  Backoff backoff(absl::Milliseconds(200), absl::Seconds(5));
  while (true) {
    auto result = attempt();
    if (!absl::IsUnavailable(StatusOf(result))) return result;
    Log(LogLevel::kWarning, "cannot take the lead of the log yet; trying again",
        {{"topic", topic}, {"error", StatusOf(result)}});
    ROSTER_RETURN_IF_ERROR(Pause(backoff.Next(), keep_waiting));
  }
}

// Of a record that was to be written while the lead was taken: another who took it meanwhile, and an outcome that is
// unknown, are both settled by taking it again.
absl::Status AsReasonToTryAgain(absl::Status written) {
  if (absl::IsUnknown(written) || absl::IsAborted(written)) return absl::UnavailableError(written.message());
  return written;
}

}  // namespace

absl::Status LeadTaker::SetUpTopics(const Client& consumer, KeepWaiting keep_waiting) const {
  return TryUntilDone(config_.topic(), keep_waiting, [&]() -> absl::Status {
    ROSTER_ASSIGN_OR_RETURN(const TopicDescription topic,
                            kafka::SetUpTopics(consumer, config_, partitions_, replication_factor_, keep_waiting));
    ROSTER_ASSIGN_OR_RETURN(const Durability durability,
                            ReadDurability(consumer, config_.topic(), topic, keep_waiting));
    LogDurability(config_.topic(), durability);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::unique_ptr<Appender>> LeadTaker::Take(std::unique_ptr<Client>& consumer, const std::string& address,
                                                          absl::FunctionRef<absl::Status()> may_lead,
                                                          KeepWaiting keep_waiting) const {
  return TryUntilDone(config_.topic(), keep_waiting, [&]() -> absl::StatusOr<std::unique_ptr<Appender>> {
    ROSTER_RETURN_IF_ERROR(may_lead());
    auto appender = TakeOnce(*consumer, address, keep_waiting);
    if (absl::IsUnavailable(appender.status())) {
      ROSTER_ASSIGN_OR_RETURN(consumer, config_.MakeConsumer());
    }
    return appender;
  });
}

absl::StatusOr<std::unique_ptr<Appender>> LeadTaker::TakeOnce(const Client& consumer, const std::string& address,
                                                              KeepWaiting keep_waiting) const {
  // Before any producer asks for them: a broker might create them with settings of its own.
  ROSTER_ASSIGN_OR_RETURN(const TopicDescription topic,
                          kafka::SetUpTopics(consumer, config_, partitions_, replication_factor_, keep_waiting));
  ROSTER_ASSIGN_OR_RETURN(auto appender, KafkaAppender::Make(config_, address, keep_waiting));
  ROSTER_ASSIGN_OR_RETURN(std::vector<int64_t> ends, AwaitStableEnd(consumer, topic.partitions, keep_waiting));
  appender->Guard(config_.topic(), topic, std::move(ends));
  ROSTER_ASSIGN_OR_RETURN(const auto identity,
                          ReadTopicIdentity(consumer, config_.topic(), topic.partitions, keep_waiting));
  if (identity) {
    ROSTER_RETURN_IF_ERROR(CheckPartitions(config_.topic(), identity->partitions, topic.partitions));
  } else {
    ROSTER_RETURN_IF_ERROR(WriteGenesis(*appender, topic.partitions));
  }
  if (!address.empty()) {
    ROSTER_RETURN_IF_ERROR(AsReasonToTryAgain(appender->ProveLead([&] { keep_waiting(); })));
  }
  return std::unique_ptr<Appender>(std::move(appender));
}

// Our ids are initialised, so no transaction of theirs is open; waits for those of others, which hide what comes
// after. Returns the end of each partition.
absl::StatusOr<std::vector<int64_t>> LeadTaker::AwaitStableEnd(const Client& client, int partitions,
                                                               KeepWaiting keep_waiting) const {
  const std::string& topic = config_.topic();
  ROSTER_ASSIGN_OR_RETURN(const auto high,
                          ListOffsets(client, topic, partitions, LogEnd::kHighWatermark, keep_waiting));
  for (int look = 0;; ++look) {
    ROSTER_ASSIGN_OR_RETURN(const auto stable,
                            ListOffsets(client, topic, partitions, LogEnd::kLastStable, keep_waiting));
    bool reached = true;
    for (int i = 0; i < partitions; ++i) reached = reached && stable[i] >= high[i];
    if (reached) return high;
    if (look == 0) {
      Log(LogLevel::kWarning, "another program has a transaction open on the log; waiting for its end",
          {{"topic", topic}});
    }
    ROSTER_RETURN_IF_ERROR(Pause(kLookAgainAfter, keep_waiting));
  }
}

absl::Status LeadTaker::WriteGenesis(KafkaAppender& appender, int partitions) const {
  const LogIdentity identity{UuidV7Generator(clock_).Next(), partitions};
  return AsReasonToTryAgain(appender.AppendGenesis(MakeGenesisRecord(identity, clock_.Now())));
}

}  // namespace roster::event_log::kafka
