#ifndef ROSTER_EVENT_LOG_KAFKA_LEADER_WATCH_H_
#define ROSTER_EVENT_LOG_KAFKA_LEADER_WATCH_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "event-log/kafka/client_config.h"

namespace roster::event_log::kafka {

// Follows the control topic to know the address of the leader. Best effort: where it cannot read, it knows less.
//
// Thread safety: safe from any thread.
class LeaderWatch {
 public:
  // `on_change` is called by a thread of its own where leader() changed.
  static absl::StatusOr<std::unique_ptr<LeaderWatch>> Start(const ClientConfig& config,
                                                            std::function<void()> on_change);
  ~LeaderWatch();

  // Of whoever proved the lead last; empty where that is not known.
  std::string leader() const;

 private:
  LeaderWatch(std::string topic, std::unique_ptr<Client> client, std::function<void()> on_change);
  void BeginAtTail();
  void Run();
  void Take(const rd_kafka_message_t& message);

  const std::string topic_;
  const std::function<void()> on_change_;
  mutable absl::Mutex mutex_;
  std::string leader_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> stopping_ = false;
  std::unique_ptr<Client> client_;
  QueueHandle queue_;
  std::thread thread_;
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_LEADER_WATCH_H_
