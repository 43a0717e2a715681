#include "tests/support/kafka_cluster.h"

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace roster::test {
namespace {

constexpr int kAskTimeoutMs = 5000;

// Java's String.hashCode, without its sign: how Kafka shares transactional ids out.
int HashOf(const std::string& text) {
  uint32_t hash = 0;
  for (const unsigned char c : text) hash = 31 * hash + c;
  return static_cast<int>(hash & 0x7fffffff);
}

}  // namespace

KafkaCluster::KafkaCluster(int brokers, const std::vector<std::string>& options, const std::string& folder)
    : brokers_(brokers), folder_(folder.empty() ? dir_.emplace().File("kafka") : folder) {
  std::vector<std::string> all = {absl::StrCat("--brokers=", brokers)};
  all.insert(all.end(), options.begin(), options.end());
  addresses_ = Run("start", all);
  ReadListeners();
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", addresses_.c_str(), nullptr, 0);
  // What it would say of brokers that are killed is no news.
  rd_kafka_conf_set_log_cb(conf, nullptr);
  char problem[256];
  client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, problem, sizeof(problem)));
  if (client_ == nullptr) std::abort();
}

KafkaCluster::~KafkaCluster() { Run("kill", {}); }

void KafkaCluster::ReadListeners() {
  std::ifstream listeners(File("listeners"));
  std::string name;
  for (int broker, advertised, actual; listeners >> name >> broker >> advertised >> actual;)
    listener_ports_[name][broker] = actual;
}

void KafkaCluster::Kill(int broker) { Run("kill", {absl::StrCat("--broker=", broker)}); }
void KafkaCluster::Start(int broker) { Run("start", {absl::StrCat("--broker=", broker)}); }

void KafkaCluster::Signal(int broker, int signal) {
  std::ifstream file(File(absl::StrCat("broker-", broker, "/broker.pid")));
  pid_t pid = 0;
  if (file >> pid && pid > 0) kill(pid, signal);
}

void KafkaCluster::Restart(int broker) { Run("start", {absl::StrCat("--broker=", broker), "--no-wait"}); }

void KafkaCluster::AwaitAll() {
  if (!Eventually([&] { return LiveBrokers() == brokers_; }, absl::Minutes(3))) std::abort();
}

int KafkaCluster::LiveBrokers() {
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client_.get(), 0, nullptr, &metadata, kAskTimeoutMs) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
  const int count = metadata->broker_cnt;
  rd_kafka_metadata_destroy(metadata);
  return count;
}

std::string KafkaCluster::Run(const std::string& action, const std::vector<std::string>& options) {
  const std::string log = folder_ + "-broker.log";
  std::vector<std::string> command = {ROSTER_KAFKA_BROKER_SCRIPT, action, folder_};
  command.insert(command.end(), options.begin(), options.end());
  const CommandResult result = RunCommand(command, log);
  if (result.exit_code != 0) {
    std::fprintf(stderr, "scripts/kafka-broker %s failed; see %s\n", action.c_str(), log.c_str());
    std::abort();
  }
  return std::string(absl::StripAsciiWhitespace(result.output));
}

std::vector<KafkaCluster::Partition> KafkaCluster::PartitionsOf(const std::string& topic) {
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  std::vector<Partition> partitions;
  if (rd_kafka_metadata(client_.get(), 0, handle, &metadata, kAskTimeoutMs) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    for (int i = 0; metadata->topic_cnt == 1 && i < metadata->topics[0].partition_cnt; ++i) {
      const rd_kafka_metadata_partition_t& partition = metadata->topics[0].partitions[i];
      partitions.push_back({partition.leader, partition.replica_cnt, partition.isr_cnt});
    }
    rd_kafka_metadata_destroy(metadata);
  }
  rd_kafka_topic_destroy(handle);
  return partitions;
}

int KafkaCluster::LeaderFor(const std::string& id, const std::string& topic) {
  const std::vector<Partition> partitions = PartitionsOf(topic);
  return partitions.empty() ? -1 : partitions[HashOf(id) % partitions.size()].leader;
}

int KafkaCluster::TransactionCoordinator(const std::string& transactional_id) {
  return LeaderFor(transactional_id, "__transaction_state");
}

int KafkaCluster::GroupCoordinator(const std::string& group) { return LeaderFor(group, "__consumer_offsets"); }

}  // namespace roster::test
