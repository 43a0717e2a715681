#ifndef ROSTER_TESTS_CHAOS_DEPLOYMENT_H_
#define ROSTER_TESTS_CHAOS_DEPLOYMENT_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "event-log/open_event_log.h"
#include "tests/chaos/network.h"
#include "tests/chaos/program.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/roster_processes.h"

namespace roster::test::chaos {

// All of Roster as it is run in production, with a proxy on every way between two programs:
//
//   - on Kafka: three brokers, three command services, two replicas of the read side,
//   - on the embedded log: one command service, two replicas.
//
// Clients reach servers, and programs reach each broker, only through links. Every program runs under the fault shim
// and is started again where it ends by itself.
//
// Thread safety: one thread, but for what is const.
class Deployment {
 public:
  static constexpr int kReplicas = 2;
  static constexpr int kBrokers = 3;

  // A server with the way on which clients reach it.
  struct Server {
    std::unique_ptr<Program> program;
    Link clients;
    // What it listens on, once it does.
    std::string address;
  };
  struct CommandService : Server {
    std::string write_model;
  };
  struct Replica {
    Server query_service;
    std::unique_ptr<Program> projector;
    std::string read_model;
  };
  // The ways from one program to the brokers, from broker 1 on.
  struct BrokerLinks {
    std::string listener;
    std::string program;
    std::array<Link, kBrokers> links;
  };

  // Starts everything in `folder` and waits until all is serving. Ends the program where that does not come to pass.
  Deployment(LogKind log_kind, const std::string& folder);
  ~Deployment();

  std::vector<std::unique_ptr<CommandService>>& command_services() { return command_services_; }
  std::vector<std::unique_ptr<Replica>>& replicas() { return replicas_; }
  // nullptr, and none, on the embedded log.
  KafkaCluster* cluster() { return cluster_.get(); }
  std::vector<std::unique_ptr<BrokerLinks>>& broker_links() { return broker_links_; }

  // Every program, for what may happen to each.
  std::vector<Program*> Programs();
  void Supervise();

  // HOST:PORT as clients know them.
  std::vector<std::string> CommandAddresses() const;
  std::vector<std::string> QueryAddresses() const;
  // The command service that says it is serving; -1 where none does.
  int Leader() const;
  // Waits until a command service leads and every query service serves.
  bool WaitUntilServing(absl::Duration timeout);

  const std::string& topic() const { return topic_; }
  // The folder of the embedded log.
  std::string log_folder() const { return folder_ + "/log"; }
  // A handle on the log, past all proxies.
  std::unique_ptr<event_log::EventLog> OpenLog() const;

 private:
  std::vector<std::string> LogFlags(const std::string& program, const BrokerLinks* links) const;
  BrokerLinks* MakeBrokerLinks(const std::string& program);
  void StartServer(Server& server);

  const std::string folder_;
  const LogKind log_kind_;
  const std::string topic_ = "users";
  std::unique_ptr<KafkaCluster> cluster_;
  std::vector<std::unique_ptr<BrokerLinks>> broker_links_;
  std::vector<std::unique_ptr<CommandService>> command_services_;
  std::vector<std::unique_ptr<Replica>> replicas_;
};

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_DEPLOYMENT_H_
