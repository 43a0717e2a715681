#include "tests/chaos/kafka_cluster.h"

#include <librdkafka/rdkafka.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"

namespace roster::test::chaos {
namespace {

// Partitions of __transaction_state in scripts/kafka-broker.
constexpr int kTransactionPartitions = 5;

// Java's String.hashCode, as the brokers use it.
int32_t JavaHash(const std::string& text) {
  uint32_t hash = 0;
  for (const char c : text) hash = hash * 31 + static_cast<unsigned char>(c);
  return static_cast<int32_t>(hash);
}

std::vector<std::unique_ptr<Process>> None() { return std::vector<std::unique_ptr<Process>>(KafkaCluster::kBrokers); }

}  // namespace

KafkaCluster::KafkaCluster(const std::string& folder, const std::map<std::string, std::vector<int>>& proxies)
    : folder_(folder), restarts_(None()) {
  std::vector<std::string> start = Script("start");
  start.push_back(absl::StrCat("--brokers=", kBrokers));
  for (const auto& [name, ports] : proxies)
    start.push_back(absl::StrCat("--listener=", name, "=", absl::StrJoin(ports, ",")));
  const CommandResult result = RunCommand(start, folder_ + ".log");
  if (result.exit_code != 0) {
    std::fprintf(stderr, "Kafka did not start; see %s.log\n", folder_.c_str());
    std::abort();
  }
  brokers_ = std::string(absl::StripAsciiWhitespace(result.output));
  std::ifstream listeners(folder_ + "/listeners");
  std::string name;
  for (int broker, advertised, actual; listeners >> name >> broker >> advertised >> actual;)
    listener_ports_[name].push_back(actual);
}

KafkaCluster::~KafkaCluster() {
  for (auto& restart : restarts_) restart.reset();
  RunCommand(Script("kill"), folder_ + ".log");
}

std::vector<std::string> KafkaCluster::Script(const std::string& action) const {
  return {absl::StrCat(ROSTER_SOURCE_DIR, "/scripts/kafka-broker"), action, folder_};
}

void KafkaCluster::Signal(int broker, int signal) {
  std::ifstream file(absl::StrCat(folder_, "/broker-", broker + 1, "/broker.pid"));
  pid_t pid = 0;
  if (file >> pid && pid > 0) kill(pid, signal);
}

void KafkaCluster::Restart(int broker) {
  if (restarts_[broker] != nullptr) restarts_[broker]->Wait();
  std::vector<std::string> start = Script("start");
  start.push_back(absl::StrCat("--broker=", broker + 1));
  restarts_[broker] = Process::Start(start, absl::StrCat(folder_, "-", broker, ".log"));
}

void KafkaCluster::AwaitRestarts() {
  for (auto& restart : restarts_) {
    if (restart != nullptr) restart->Wait(absl::Minutes(3));
    restart.reset();
  }
}

int KafkaCluster::LeaderOf(const std::string& topic, int partition) const {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers_.c_str(), nullptr, 0);
  rd_kafka_conf_set(conf, "log_level", "0", nullptr, 0);
  const std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)> client(
      rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0), rd_kafka_destroy);
  const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> handle(
      rd_kafka_topic_new(client.get(), topic.c_str(), nullptr), rd_kafka_topic_destroy);
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client.get(), 0, handle.get(), &metadata, 2000) != RD_KAFKA_RESP_ERR_NO_ERROR) return -1;
  int leader = -1;
  for (const auto& found : absl::MakeSpan(metadata->topics, static_cast<size_t>(metadata->topic_cnt))) {
    for (const auto& p : absl::MakeSpan(found.partitions, static_cast<size_t>(found.partition_cnt))) {
      if (p.id == partition && p.leader > 0) leader = p.leader - 1;
    }
  }
  rd_kafka_metadata_destroy(metadata);
  return leader;
}

int KafkaCluster::CoordinatorOf(const std::string& transactional_id) const {
  return LeaderOf("__transaction_state", (JavaHash(transactional_id) & 0x7fffffff) % kTransactionPartitions);
}

}  // namespace roster::test::chaos
