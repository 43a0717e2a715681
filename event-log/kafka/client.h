#ifndef ROSTER_EVENT_LOG_KAFKA_CLIENT_H_
#define ROSTER_EVENT_LOG_KAFKA_CLIENT_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "event-log/kafka/handles.h"

namespace roster::event_log::kafka {

// Owns one librdkafka client (rd_kafka_t), writes its log lines to ours, and remembers what it last complained about:
// librdkafka retries for ever and names the cause (refused connection, wrong password) only there.
//
// Queues, messages and events of a client must be destroyed before it.
//
// Thread safety: safe from any thread, as the C handle is.
class Client {
 public:
  // `name` tells the client from others in the log. INVALID_ARGUMENT where librdkafka refuses the settings.
  static absl::StatusOr<std::unique_ptr<Client>> Make(rd_kafka_type_t type, ConfHandle conf, std::string name);
  ~Client();

  rd_kafka_t* get() const { return handle_; }
  const std::string& name() const { return name_; }

  // For a member of a group, before it subscribes: who hears of its assignments, on the thread that polls.
  using RebalanceListener = std::function<void(rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*)>;
  void OnRebalance(RebalanceListener listener) { on_rebalance_ = std::move(listener); }
  // librdkafka's rebalance_cb.
  static void Rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t event, rd_kafka_topic_partition_list_t* partitions,
                        void* client);

  // The last error it logged, to complete a message with: ": ..." or empty.
  std::string LastErrorSuffix() const;

  // The consumer group that progress is reported to; before the first call below.
  void set_group(std::string group) { group_ = std::move(group); }
  // Logs an error that concerns nothing but the group, as one of a missing right where there is a group.
  void ReportGroupError(const rd_kafka_message_t& error) const;

  // Whether the connections to all brokers were found lost since the last call. librdkafka says so once for each
  // outage.
  bool TakeAllBrokersDown() { return all_brokers_down_.exchange(false); }

 private:
  explicit Client(std::string name) : name_(std::move(name)) {}
  static void OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* text);
  static void OnError(rd_kafka_t* handle, int error, const char* reason, void* client);
  static int OnCertificate(rd_kafka_t* handle, const char* broker, int32_t broker_id, int* error, int depth,
                           const char* certificate, size_t size, char* problem, size_t problem_size, void* client);
  void RememberError(absl::string_view text);
  // librdkafka's `text`, with the reason where it speaks of a certificate that was refused.
  std::string WithCertificateProblem(absl::string_view text) const;
  // Whether to log one more lost connection; if so, tells how many were kept back.
  bool TakeFailureToLog(int& kept_back);

  const std::string name_;
  std::string group_;
  rd_kafka_t* handle_ = nullptr;
  RebalanceListener on_rebalance_;
  std::atomic<bool> all_brokers_down_ = false;
  mutable absl::Mutex mutex_;
  std::string last_error_ ABSL_GUARDED_BY(mutex_);
  // What was wrong with the last broker's certificate that was refused.
  std::string certificate_problem_ ABSL_GUARDED_BY(mutex_);
  // When a lost connection was last logged, and how many were not since.
  absl::Time last_failure_logged_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int failures_not_logged_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_CLIENT_H_
