#include "tests/chaos/deployment.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/clock.h"
#include "clients/cpp/health.h"

namespace roster::test::chaos {
namespace {

std::string Loopback(int port) { return absl::StrCat("127.0.0.1:", port); }

int PortOf(const std::string& address) {
  int port = 0;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) std::abort();
  return port;
}

bool IsServing(const std::string& address, const std::string& service) {
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  const auto health = client::CheckHealth({address, channel}, service, absl::Milliseconds(300));
  return health.ok() && *health == "SERVING";
}

}  // namespace

Deployment::Deployment(LogKind log_kind, const std::string& folder) : folder_(folder), log_kind_(log_kind) {
  const bool on_kafka = log_kind == LogKind::kKafka;
  for (const std::string& name : {log_folder(), folder_ + "/programs"}) std::filesystem::create_directories(name);
  const int command_services = on_kafka ? 3 : 1;
  for (int i = 0; i < command_services; ++i) MakeBrokerLinks(absl::StrCat("command-service-", i));
  for (int i = 0; i < kReplicas; ++i) MakeBrokerLinks(absl::StrCat("projector-", i));
  if (on_kafka) {
    std::vector<std::string> listeners;
    for (const auto& links : broker_links_) {
      const auto port = [](std::string* out, const Link& link) { absl::StrAppend(out, link.port()); };
      listeners.push_back(absl::StrCat("--listener=", links->listener, "=", absl::StrJoin(links->links, ",", port)));
    }
    cluster_ = std::make_unique<KafkaCluster>(kBrokers, listeners, folder_ + "/kafka");
    for (const auto& links : broker_links_) {
      for (int i = 0; i < kBrokers; ++i) links->links[i].SetTarget(cluster_->ListenerPort(links->listener, i + 1));
    }
  }
  const std::string programs = folder_ + "/programs";
  for (int i = 0; i < command_services; ++i) {
    auto& service = *command_services_.emplace_back(std::make_unique<CommandService>());
    const std::string name = absl::StrCat("command-service-", i);
    service.write_model = absl::StrCat(folder_, "/", name, "/write-model.db");
    std::filesystem::create_directories(absl::StrCat(folder_, "/", name));
    auto arguments = LogFlags("roster-command-service", broker_links_[i].get());
    arguments.insert(arguments.end(), {"--listen=127.0.0.1:0", "--advertise=" + Loopback(service.clients.port()),
                                       "--write-model=" + service.write_model});
    service.program = std::make_unique<Program>(name, programs, arguments);
    StartServer(service);
  }
  for (int i = 0; i < kReplicas; ++i) {
    auto& replica = *replicas_.emplace_back(std::make_unique<Replica>());
    replica.read_model = absl::StrCat(folder_, "/read-model-", i);
    auto arguments = LogFlags("roster-projector", broker_links_[command_services + i].get());
    arguments.push_back("--read-model=" + replica.read_model);
    replica.projector = std::make_unique<Program>(absl::StrCat("projector-", i), programs, arguments);
    replica.projector->Start();
    replica.query_service.program =
        std::make_unique<Program>(absl::StrCat("query-service-", i), programs,
                                  std::vector<std::string>{ProgramPath("roster-query-service"), "--listen=127.0.0.1:0",
                                                           "--read-model=" + replica.read_model});
    StartServer(replica.query_service);
  }
  if (!WaitUntilServing(absl::Minutes(2))) {
    std::fprintf(stderr, "the services did not begin to serve; their logs are in %s\n", programs.c_str());
    std::abort();
  }
}

Deployment::~Deployment() {
  // Programs before the brokers they talk to.
  replicas_.clear();
  command_services_.clear();
}

Deployment::BrokerLinks* Deployment::MakeBrokerLinks(const std::string& program) {
  auto& links = *broker_links_.emplace_back(std::make_unique<BrokerLinks>());
  links.listener = absl::StrCat("PROXY", broker_links_.size());
  links.program = program;
  return &links;
}

std::vector<std::string> Deployment::LogFlags(const std::string& program, const BrokerLinks* links) const {
  if (log_kind_ == LogKind::kEmbedded)
    return {ProgramPath(program), absl::StrCat("--log=embedded:", log_folder(), "/log.db")};
  std::vector<std::string> brokers;
  for (const Link& link : links->links) brokers.push_back(Loopback(link.port()));
  return {ProgramPath(program), absl::StrCat("--log=kafka:", absl::StrJoin(brokers, ","), "/", topic_),
          "--kafka-replication-factor=3"};
}

void Deployment::StartServer(Server& server) {
  server.program->Start();
  server.address = server.program->Address();
  server.clients.SetTarget(PortOf(server.address));
  // It keeps its port from now on, as a server does that clients know.
  server.program->Replace("--listen=127.0.0.1:0", "--listen=" + server.address);
}

std::vector<Program*> Deployment::Programs() {
  std::vector<Program*> programs;
  for (const auto& service : command_services_) programs.push_back(service->program.get());
  for (const auto& replica : replicas_) {
    programs.push_back(replica->projector.get());
    programs.push_back(replica->query_service.program.get());
  }
  return programs;
}

void Deployment::Supervise() {
  for (Program* program : Programs()) program->Supervise();
}

std::vector<std::string> Deployment::CommandAddresses() const {
  std::vector<std::string> addresses;
  for (const auto& service : command_services_) addresses.push_back(Loopback(service->clients.port()));
  return addresses;
}

std::vector<std::string> Deployment::QueryAddresses() const {
  std::vector<std::string> addresses;
  for (const auto& replica : replicas_) addresses.push_back(Loopback(replica->query_service.clients.port()));
  return addresses;
}

int Deployment::Leader() const {
  for (size_t i = 0; i < command_services_.size(); ++i) {
    if (IsServing(command_services_[i]->address, client::kCommandServiceName)) return static_cast<int>(i);
  }
  return -1;
}

bool Deployment::WaitUntilServing(absl::Duration timeout) {
  return Eventually(
      [this] {
        Supervise();
        bool serving = Leader() >= 0;
        for (const auto& replica : replicas_)
          serving = serving && IsServing(replica->query_service.address, client::kQueryServiceName);
        return serving;
      },
      timeout);
}

std::unique_ptr<event_log::EventLog> Deployment::OpenLog() const {
  event_log::LogOptions options;
  options.log = log_kind_ == LogKind::kEmbedded ? absl::StrCat("embedded:", log_folder(), "/log.db")
                                                : absl::StrCat("kafka:", cluster_->addresses(), "/", topic_);
  return event_log::OpenEventLog(options, SystemClock()).value();
}

}  // namespace roster::test::chaos
