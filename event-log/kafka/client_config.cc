#include "event-log/kafka/client_config.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "event-log/kafka/delivery.h"

namespace roster::event_log::kafka {
namespace {

// A record from outside may be as large as the topic allows, and a fetch that librdkafka finds larger than this is
// never read: the reader would stand still. So far above any broker's limit (message.max.bytes, 1 MiB by default).
constexpr char kLargestFetch[] = "1000000000";
// The largest message that librdkafka can send.
constexpr char kLargestMessage[] = "1000000000";

absl::Status Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  char problem[512];
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), problem, sizeof(problem)) == RD_KAFKA_CONF_OK) {
    return absl::OkStatus();
  }
  // librdkafka's own text may repeat the value, a password perhaps.
  char known[8];
  size_t size = sizeof(known);
  const bool is_known = rd_kafka_conf_get(conf, name.c_str(), known, &size) == RD_KAFKA_CONF_OK;
  return absl::InvalidArgumentError(absl::StrCat(
      "--kafka-property ", name,
      is_known ? ": the value is not one that librdkafka takes" : ": this librdkafka knows no such property"));
}

}  // namespace

ClientConfig::ClientConfig(std::string brokers, std::string topic, std::string group, KafkaProperties properties)
    : brokers_(std::move(brokers)),
      topic_(std::move(topic)),
      group_(std::move(group)),
      properties_(std::move(properties)) {}

absl::StatusOr<ClientConfig> ClientConfig::Make(std::string brokers, std::string topic, std::string group,
                                                KafkaProperties properties) {
  ClientConfig config(std::move(brokers), std::move(topic), std::move(group), std::move(properties));
  ROSTER_RETURN_IF_ERROR(config.Validate());
  return config;
}

// Some mistakes (a key file that is not there, timeouts that contradict each other) show only once a client is made:
// made here without brokers, so that it connects to nothing.
absl::Status ClientConfig::Validate() const {
  // Ours are right, and a client without brokers may take a second to go.
  if (properties_.empty()) return absl::OkStatus();
  ROSTER_ASSIGN_OR_RETURN(ConfHandle consumer, MakeConf({}, /*with_brokers=*/false));
  ROSTER_RETURN_IF_ERROR(Client::Make(RD_KAFKA_CONSUMER, std::move(consumer), "check").status());
  ROSTER_ASSIGN_OR_RETURN(ConfHandle producer, MakeConf({{"transactional.id", "check"}}, /*with_brokers=*/false));
  return Client::Make(RD_KAFKA_PRODUCER, std::move(producer), "check").status();
}

// Later settings go before earlier ones: what suits most, what the user set, what the client's task needs.
absl::StatusOr<ConfHandle> ClientConfig::MakeConf(Settings settings, bool with_brokers) const {
  ConfHandle conf(rd_kafka_conf_new());
  const Settings base = {
      {"client.id", "roster"},
      // librdkafka's default lets a client wait 10 s before it finds that a broker is back.
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "500"},
      // A question put off while brokers fail over (who leads, who coordinates) is asked again no later than this; 1 s
      // is librdkafka's default, and whole steps of it were lost after the brokers were ready.
      {"retry.backoff.max.ms", "250"},
      {"socket.nagle.disable", "true"},
      // How long a connection whose other end is gone without a word is taken for sound (librdkafka: 60 s).
      {"socket.timeout.ms", "10000"},
      // How long a transaction of a dead writer may keep readers from the end of the log, where nobody leads again.
      {"transaction.timeout.ms", "15000"},
      {"message.timeout.ms", "15000"},
      {"compression.type", "lz4"},
      {"linger.ms", "0"},
      {"batch.num.messages", "10000"},
      {"batch.size", "1000000"},
      {"receive.message.max.bytes", kLargestFetch},
      // More would make the broker hold records back until it has so many.
      {"fetch.min.bytes", "1"},
      // How soon the notice of the end comes; records come at once whatever it is.
      {"fetch.wait.max.ms", "100"},
      // librdkafka's default of 1 s would delay all records after a short error.
      {"fetch.error.backoff.ms", "100"},
      // How long a leader that is not heard from stays elected; brokers refuse less than 6 s by default.
      {"session.timeout.ms", "6000"},
      // How soon the others hear that a leader has left.
      {"heartbeat.interval.ms", "250"},
  };
  for (const auto& [name, value] : base) ROSTER_RETURN_IF_ERROR(Set(conf.get(), name, value));
  for (const auto& [name, value] : properties_) ROSTER_RETURN_IF_ERROR(Set(conf.get(), name, value));
  if (with_brokers) ROSTER_RETURN_IF_ERROR(Set(conf.get(), "bootstrap.servers", brokers_));
  for (const auto& [name, value] : settings) ROSTER_RETURN_IF_ERROR(Set(conf.get(), name, value));
  return conf;
}

absl::StatusOr<std::unique_ptr<Client>> ClientConfig::MakeTransactionalProducer(
    const std::string& transactional_id) const {
  ROSTER_ASSIGN_OR_RETURN(ConfHandle conf, MakeConf({{"transactional.id", transactional_id},
                                                     {"enable.idempotence", "true"},
                                                     {"acks", "all"},
                                                     {"partitioner", "murmur2_random"}}));
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &OnDelivery);
  return Client::Make(RD_KAFKA_PRODUCER, std::move(conf), transactional_id);
}

absl::StatusOr<std::unique_ptr<Client>> ClientConfig::MakeProducer() const {
  ROSTER_ASSIGN_OR_RETURN(ConfHandle conf, MakeConf({{"enable.idempotence", "true"},
                                                     {"acks", "all"},
                                                     {"partitioner", "murmur2_random"},
                                                     {"message.max.bytes", kLargestMessage}}));
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &OnDelivery);
  return Client::Make(RD_KAFKA_PRODUCER, std::move(conf), "dead-letters");
}

absl::StatusOr<std::unique_ptr<Client>> ClientConfig::MakeConsumer() const {
  ROSTER_ASSIGN_OR_RETURN(ConfHandle conf, MakeConf({
                                               // librdkafka takes no assignment without a group.
                                               {"group.id", group_.empty() ? absl::StrCat("roster.", topic_) : group_},
                                               {"isolation.level", "read_committed"},
                                               {"enable.auto.commit", "false"},
                                               {"enable.auto.offset.store", "false"},
                                               {"auto.offset.reset", "error"},
                                               {"enable.partition.eof", "true"},
                                               {"allow.auto.create.topics", "false"},
                                               {"check.crcs", "true"},
                                           }));
  ROSTER_ASSIGN_OR_RETURN(auto client, Client::Make(RD_KAFKA_CONSUMER, std::move(conf), "reader"));
  client->set_group(group_);
  return client;
}

absl::StatusOr<std::unique_ptr<Client>> ClientConfig::MakeGroupMember() const {
  ROSTER_ASSIGN_OR_RETURN(ConfHandle conf, MakeConf({
                                               {"group.id", lead_group()},
                                               // Others would take the lead from a healthy leader when one joins.
                                               {"partition.assignment.strategy", "cooperative-sticky"},
                                               {"enable.auto.commit", "false"},
                                               {"auto.offset.reset", "latest"},
                                               {"allow.auto.create.topics", "false"},
                                           }));
  rd_kafka_conf_set_rebalance_cb(conf.get(), &Client::Rebalance);
  return Client::Make(RD_KAFKA_CONSUMER, std::move(conf), "candidate");
}

}  // namespace roster::event_log::kafka
