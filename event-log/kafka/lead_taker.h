#ifndef ROSTER_EVENT_LOG_KAFKA_LEAD_TAKER_H_
#define ROSTER_EVENT_LOG_KAFKA_LEAD_TAKER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/client_config.h"
#include "event-log/kafka/kafka_appender.h"
#include "event-log/kafka/keep_waiting.h"

namespace roster::event_log::kafka {

// Takes the lead of a log: makes its topics where they are missing, fences every earlier writer, waits until what they
// had under way has ended, and writes the genesis record where there is none.
//
// Both calls wait for brokers that are away, until `keep_waiting` returns false (CANCELLED). FAILED_PRECONDITION says
// what to do.
//
// Thread safety: safe from any thread.
class LeadTaker {
 public:
  // `config` and `clock` must outlive it.
  LeadTaker(const ClientConfig& config, int partitions, int replication_factor, const Clock& clock)
      : config_(config), partitions_(partitions), replication_factor_(replication_factor), clock_(clock) {}

  // `consumer` is made by ClientConfig::MakeConsumer and used by nobody else meanwhile, here and below.
  absl::Status SetUpTopics(const Client& consumer, KeepWaiting keep_waiting) const;

  // Puts another client in the place of `consumer` after an attempt that failed: its connections may be dead.
  // `address` goes into the proofs of the lead, and where it is not empty one is written at once. `may_lead` is asked
  // before each attempt; another error than UNAVAILABLE is returned.
  absl::StatusOr<std::unique_ptr<Appender>> Take(std::unique_ptr<Client>& consumer, const std::string& address,
                                                 absl::FunctionRef<absl::Status()> may_lead,
                                                 KeepWaiting keep_waiting) const;

 private:
  absl::StatusOr<std::unique_ptr<Appender>> TakeOnce(const Client& consumer, const std::string& address,
                                                     KeepWaiting keep_waiting) const;
  absl::StatusOr<std::vector<int64_t>> AwaitStableEnd(const Client& client, int partitions,
                                                      KeepWaiting keep_waiting) const;
  absl::Status WriteGenesis(KafkaAppender& appender, int partitions) const;

  const ClientConfig& config_;
  const int partitions_;
  const int replication_factor_;
  const Clock& clock_;
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_LEAD_TAKER_H_
