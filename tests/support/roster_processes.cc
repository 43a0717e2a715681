#include "tests/support/roster_processes.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "clients/cpp/health.h"

namespace roster::test {
namespace {

std::string BrokerForTests() {
  const char* broker = std::getenv("ROSTER_TEST_KAFKA");
  if (broker == nullptr) {
    std::fprintf(stderr, "ROSTER_TEST_KAFKA is not set: run these tests by ./dev test, or under scripts/with-kafka\n");
    std::abort();
  }
  return broker;
}

// The address in the line that a server logs once it listens.
std::string AddressOf(Process& server) {
  const absl::StatusOr<std::string> address = server.WaitForLogField("listening", "address");
  if (!address.ok()) {
    std::fprintf(stderr, "a server did not start: %s\n", address.status().ToString().c_str());
    std::abort();
  }
  return *address;
}

}  // namespace

RosterProcesses::RosterProcesses(LogKind log_kind, int kafka_partitions, const std::string& kafka_brokers) {
  if (log_kind == LogKind::kEmbedded) {
    log_options_.log = absl::StrCat("embedded:", File("log.db"));
    return;
  }
  topic_ = absl::StrCat("users-", UuidV7Generator(SystemClock()).Next());
  log_options_.log = absl::StrCat("kafka:", kafka_brokers.empty() ? BrokerForTests() : kafka_brokers, "/", topic_);
  log_options_.kafka_partitions = kafka_partitions;
}

std::vector<std::string> RosterProcesses::WithLog(const std::string& program,
                                                  std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {ProgramPath(program), log_flag()});
  if (!topic_.empty()) arguments.push_back(absl::StrCat("--kafka-partitions=", log_options_.kafka_partitions));
  return arguments;
}

void RosterProcesses::StartCommandService() {
  command_service_ = StartCommandServiceNamed("command-service", command_address_);
}

std::unique_ptr<Process> RosterProcesses::StartCommandServiceNamed(const std::string& name,
                                                                   std::string& address) const {
  // The one without a name of its own has the write model that tests look at.
  const std::string write_model = name == "command-service" ? this->write_model() : File(name + ".db");
  std::vector<std::string> flags = {"--listen=" + address, "--write-model=" + write_model};
  flags.insert(flags.end(), command_service_flags_.begin(), command_service_flags_.end());
  auto process = Process::Start(WithLog("roster-command-service", std::move(flags)), File(name + ".log"));
  address = AddressOf(*process);
  return process;
}

void RosterProcesses::StartProjector() {
  std::vector<std::string> flags = {"--read-model=" + read_model()};
  flags.insert(flags.end(), projector_flags_.begin(), projector_flags_.end());
  projector_ = Process::Start(WithLog("roster-projector", std::move(flags)), File("projector.log"));
}

void RosterProcesses::StartQueryService() {
  std::vector<std::string> arguments = {ProgramPath("roster-query-service"), "--listen=" + query_address_,
                                        "--read-model=" + read_model()};
  arguments.insert(arguments.end(), query_service_flags_.begin(), query_service_flags_.end());
  query_service_ = Process::Start(arguments, File("query-service.log"));
  query_address_ = AddressOf(*query_service_);
}

void RosterProcesses::StartAll() {
  StartCommandService();
  StartProjector();
  StartQueryService();
}

bool RosterProcesses::WaitUntilServing() {
  const auto serving = [](const std::string& address, const std::shared_ptr<grpc::Channel>& channel,
                          const char* service) {
    const auto health = client::CheckHealth({address, channel}, service, absl::Seconds(2));
    return health.ok() && *health == "SERVING";
  };
  const auto commands = command_channel();
  const auto queries = query_channel();
  return Eventually([&] {
    return serving(command_address_, commands, client::kCommandServiceName) &&
           serving(query_address_, queries, client::kQueryServiceName);
  });
}

std::shared_ptr<grpc::Channel> RosterProcesses::command_channel() const {
  return grpc::CreateChannel(command_address_, grpc::InsecureChannelCredentials());
}

std::shared_ptr<grpc::Channel> RosterProcesses::query_channel() const {
  return grpc::CreateChannel(query_address_, grpc::InsecureChannelCredentials());
}

CommandResult RosterProcesses::RunProjectorCommand(const std::vector<std::string>& arguments) const {
  std::vector<std::string> all = {ProgramPath("roster-projector"), log_flag(), "--read-model=" + read_model()};
  all.insert(all.end(), projector_flags_.begin(), projector_flags_.end());
  all.insert(all.end(), arguments.begin(), arguments.end());
  return RunCommand(all, File("projector-command.log"));
}

std::unique_ptr<event_log::EventLog> RosterProcesses::OpenLog() const {
  return event_log::OpenEventLog(log_options_, SystemClock()).value();
}

}  // namespace roster::test
