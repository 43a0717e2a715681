#ifndef ROSTER_TESTS_SUPPORT_KAFKA_CLUSTER_H_
#define ROSTER_TESTS_SUPPORT_KAFKA_CLUSTER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/temp_dir.h"
#include "librdkafka/rdkafka.h"
#include "tests/support/process.h"

namespace roster::test {

// Real brokers of a test's own (scripts/kafka-broker), numbered from 1. Killed when the object goes; a call that fails
// ends the test program.
//
// Thread safety: one thread.
class KafkaCluster {
 public:
  // `options` are scripts/kafka-broker's for a new folder. `folder`: where it goes; empty: a temporary one.
  explicit KafkaCluster(int brokers, const std::vector<std::string>& options = {}, const std::string& folder = "");
  ~KafkaCluster();

  // HOST:PORT of every broker, with commas.
  const std::string& addresses() const { return addresses_; }
  // Of what the script writes beside the brokers' data.
  std::string File(const std::string& name) const { return folder_ + "/" + name; }
  // The port that a broker itself has for a listener of `options`: where a proxy is to connect to.
  int ListenerPort(const std::string& listener, int broker) const { return listener_ports_.at(listener).at(broker); }

  // kill -9, and a start with the same ports and data that waits until the broker serves.
  void Kill(int broker);
  void Start(int broker);
  // Any signal, to one of several; does not wait.
  void Signal(int broker, int signal);
  // Start without the wait, and without effect on one that runs; and the wait until all serve.
  void Restart(int broker);
  void AwaitAll();

  struct Partition {
    // -1 where none leads it.
    int leader = -1;
    int replicas = 0;
    int in_sync = 0;
  };
  // As a broker that lives tells. Empty where the topic is not there, or nobody answers.
  std::vector<Partition> PartitionsOf(const std::string& topic);

  // The broker that coordinates a transactional id, or a consumer group; -1 where none does.
  int TransactionCoordinator(const std::string& transactional_id);
  int GroupCoordinator(const std::string& group);

 private:
  struct DestroyClient {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  };

  int LiveBrokers();
  int LeaderFor(const std::string& id, const std::string& topic);
  std::string Run(const std::string& action, const std::vector<std::string>& options);
  void ReadListeners();

  const int brokers_;
  std::optional<TempDir> dir_;
  const std::string folder_;
  std::string addresses_;
  // By listener and broker.
  std::map<std::string, std::map<int, int>> listener_ports_;
  std::unique_ptr<rd_kafka_t, DestroyClient> client_;
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_SUPPORT_KAFKA_CLUSTER_H_
