#ifndef ROSTER_EVENT_LOG_KAFKA_GROUP_MEMBER_H_
#define ROSTER_EVENT_LOG_KAFKA_GROUP_MEMBER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "event-log/kafka/client_config.h"
#include "event-log/kafka/keep_waiting.h"

namespace roster::event_log::kafka {

// A member of the consumer group that shares out the one partition of the control topic: who has it should lead. The
// group keeps it with its holder when others join (cooperative-sticky), and passes it on once the holder leaves, or was
// not heard from for the session timeout.
//
// Thread safety: safe from any thread.
class GroupMember {
 public:
  // Joins; the topic must be there. `on_change` is called by a thread of its own where any of the below changed.
  static absl::StatusOr<std::unique_ptr<GroupMember>> Join(const ClientConfig& config, std::function<void()> on_change);
  // Leaves, so that another one has the partition at once. Waits for the brokers up to the session timeout.
  ~GroupMember();

  // As far as it has heard: one who was stopped for long may say so for a moment although another one has it.
  bool assigned() const { return assignment() == Assignment::kAssigned; }

  // Whether it had the partition when it lost touch with the group, and has not heard since who has it.
  bool out_of_touch() const { return assignment() == Assignment::kOutOfTouch; }

  // Where it is out of touch, takes the partition for another one's until it is assigned anew.
  void StepDown();

  // FAILED_PRECONDITION where the brokers refuse it for good.
  absl::Status problem() const;

  // Asks the brokers whether the partition is assigned to this member now. ABORTED: it is not. UNAVAILABLE: they did
  // not say.
  absl::Status ConfirmAssigned(KeepWaiting keep_waiting) const;

 private:
  GroupMember(const ClientConfig& config, std::function<void()> on_change)
      : topic_(config.control_topic()), group_(config.lead_group()), on_change_(std::move(on_change)) {}

  enum class Assignment { kNone, kAssigned, kOutOfTouch };
  Assignment assignment() const;
  static absl::string_view Describe(Assignment assignment);
  // What a rebalance makes of `before`.
  Assignment After(Assignment before, rd_kafka_resp_err_t event, int partitions) const;

  void Run();
  void OnRebalance(rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions);
  // The right that an error for lack of one speaks of.
  std::string RightFor(rd_kafka_resp_err_t code) const;
  void TakeError(const rd_kafka_message_t& message);

  const std::string topic_;
  const std::string group_;
  const std::function<void()> on_change_;
  mutable absl::Mutex mutex_;
  Assignment assignment_ ABSL_GUARDED_BY(mutex_) = Assignment::kNone;
  absl::Status problem_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> leaving_ = false;
  std::unique_ptr<Client> client_;
  QueueHandle queue_;
  std::thread thread_;
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_GROUP_MEMBER_H_
