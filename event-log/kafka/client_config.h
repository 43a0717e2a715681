#ifndef ROSTER_EVENT_LOG_KAFKA_CLIENT_CONFIG_H_
#define ROSTER_EVENT_LOG_KAFKA_CLIENT_CONFIG_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "event-log/kafka/client.h"
#include "event-log/kafka/kafka_properties.h"

namespace roster::event_log::kafka {

// Makes the clients of one log, each with the settings its task needs and those of the user.
//
// Thread safety: safe from any thread.
class ClientConfig {
 public:
  // `group` may be empty. INVALID_ARGUMENT names the property that librdkafka does not take.
  static absl::StatusOr<ClientConfig> Make(std::string brokers, std::string topic, std::string group,
                                           KafkaProperties properties);

  absl::StatusOr<std::unique_ptr<Client>> MakeTransactionalProducer(const std::string& transactional_id) const;
  // For dead letters: idempotent, takes records as large as a topic may hold.
  absl::StatusOr<std::unique_ptr<Client>> MakeProducer() const;
  // Reads committed records only, from assigned offsets only. Also used to ask about topics.
  absl::StatusOr<std::unique_ptr<Client>> MakeConsumer() const;
  // For GroupMember: joins the group that elects the leader, and hears of assignments by Client::OnRebalance.
  absl::StatusOr<std::unique_ptr<Client>> MakeGroupMember() const;

  const std::string& topic() const { return topic_; }
  std::string control_topic() const { return topic_ + ".control"; }
  std::string dead_letter_topic() const { return topic_ + ".dlq"; }
  std::string lead_group() const { return absl::StrCat("roster.", topic_, ".lead"); }
  // Whether there is a group to report progress to.
  bool has_group() const { return !group_.empty(); }

 private:
  ClientConfig(std::string brokers, std::string topic, std::string group, KafkaProperties properties);
  using Settings = std::initializer_list<std::pair<const char*, std::string>>;
  absl::StatusOr<ConfHandle> MakeConf(Settings settings, bool with_brokers = true) const;
  absl::Status Validate() const;

  std::string brokers_;
  std::string topic_;
  std::string group_;
  KafkaProperties properties_;
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_CLIENT_CONFIG_H_
