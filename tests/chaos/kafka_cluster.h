#ifndef ROSTER_TESTS_CHAOS_KAFKA_CLUSTER_H_
#define ROSTER_TESTS_CHAOS_KAFKA_CLUSTER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace roster::test::chaos {

// Three real brokers (scripts/kafka-broker), replication factor 3, min.insync.replicas 2. Brokers count from 0 here.
//
// Thread safety: one thread.
class KafkaCluster {
 public:
  static constexpr int kBrokers = 3;

  // Starts it in `folder`. `proxies`: by name of a listener, in capitals, the ports at which clients of that listener
  // are to find the three brokers. Ends the program where Kafka does not start.
  KafkaCluster(const std::string& folder, const std::map<std::string, std::vector<int>>& proxies);
  // Kills what runs.
  ~KafkaCluster();

  // HOST:PORT,HOST:PORT,HOST:PORT, past all proxies.
  const std::string& brokers() const { return brokers_; }
  // The broker's own port for a listener: where a proxy is to connect to.
  int ListenerPort(const std::string& listener, int broker) const { return listener_ports_.at(listener)[broker]; }

  // SIGKILL, SIGSTOP or SIGCONT; does not wait.
  void Signal(int broker, int signal);
  // Begins to start it again, if it is down; does not wait.
  void Restart(int broker);
  // Waits until all that were restarted serve.
  void AwaitRestarts();

  // The broker that leads a partition; -1 where that is not known.
  int LeaderOf(const std::string& topic, int partition) const;
  // The broker that coordinates a transactional id; -1 where that is not known.
  int CoordinatorOf(const std::string& transactional_id) const;

 private:
  std::vector<std::string> Script(const std::string& action) const;

  const std::string folder_;
  std::string brokers_;
  std::map<std::string, std::vector<int>> listener_ports_;
  std::vector<std::unique_ptr<Process>> restarts_;
};

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_KAFKA_CLUSTER_H_
