#ifndef ROSTER_TESTS_SUPPORT_ROSTER_PROCESSES_H_
#define ROSTER_TESTS_SUPPORT_ROSTER_PROCESSES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/temp_dir.h"
#include "clients/cpp/endpoints.h"
#include "event-log/event_log.h"
#include "event-log/open_event_log.h"
#include "grpcpp/grpcpp.h"
#include "roster/v1/user_command_service.grpc.pb.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "tests/support/process.h"

namespace roster::test {

// Which log a test runs on.
enum class LogKind { kEmbedded, kKafka };

// Roster as people run it: command service, projector and query service as processes, on a log of their own, in a
// temporary folder. Each can be killed and started again; the servers keep their ports.
//
// For kKafka the environment variable ROSTER_TEST_KAFKA names a broker where the caller does not; the constructor
// aborts the test where it is unset.
//
// Thread safety: starting and killing from one thread; the accessors from any.
class RosterProcesses {
 public:
  // Starts nothing yet. `extra_flags` go to every program that has a log.
  explicit RosterProcesses(LogKind log_kind, int kafka_partitions = 6, const std::string& kafka_brokers = "");

  // For every command service started from now on.
  void AddCommandServiceFlag(const std::string& flag) { command_service_flags_.push_back(flag); }
  // For every query service started from now on.
  void AddQueryServiceFlag(const std::string& flag) { query_service_flags_.push_back(flag); }
  // For every projector started from now on, and every command given to it.
  void AddProjectorFlag(const std::string& flag) { projector_flags_.push_back(flag); }
  void StartCommandService();
  // A further one, with a write model of its own, for a name that is its own. Listens on `address`, and puts there the
  // one it got.
  std::unique_ptr<Process> StartCommandServiceNamed(const std::string& name, std::string& address) const;
  void StartProjector();
  void StartQueryService();
  void StartAll();
  // Waits until health checks of both servers answer SERVING.
  bool WaitUntilServing();

  Process& command_service() { return *command_service_; }
  Process& projector() { return *projector_; }
  Process& query_service() { return *query_service_; }

  const std::string& command_address() const { return command_address_; }
  const std::string& query_address() const { return query_address_; }
  std::shared_ptr<grpc::Channel> command_channel() const;
  std::shared_ptr<grpc::Channel> query_channel() const;

  std::string File(const std::string& name) const { return dir_.File(name); }
  std::string write_model() const { return File("write-model.db"); }
  std::string read_model() const { return File("read-model"); }
  const event_log::LogOptions& log_options() const { return log_options_; }
  // The topic, for kKafka.
  const std::string& topic() const { return topic_; }
  std::string log_flag() const { return "--log=" + log_options_.log; }

  // Runs roster-projector with a subcommand on this read model: what it prints, and its exit code.
  CommandResult RunProjectorCommand(const std::vector<std::string>& arguments) const;

  // Another handle on the log, for looking at it from outside.
  std::unique_ptr<event_log::EventLog> OpenLog() const;

 private:
  std::vector<std::string> WithLog(const std::string& program, std::vector<std::string> arguments) const;

  TempDir dir_;
  event_log::LogOptions log_options_;
  std::string topic_;
  std::string command_address_ = "127.0.0.1:0";
  std::string query_address_ = "127.0.0.1:0";
  std::vector<std::string> command_service_flags_;
  std::vector<std::string> query_service_flags_;
  std::vector<std::string> projector_flags_;
  std::unique_ptr<Process> command_service_;
  std::unique_ptr<Process> projector_;
  std::unique_ptr<Process> query_service_;
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_SUPPORT_ROSTER_PROCESSES_H_
