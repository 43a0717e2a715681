#include "tests/chaos/disruptions.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"

namespace roster::test::chaos {
namespace {

using Undo = std::function<void()>;

// The command service that leads; any one where none does.
Program& LeaderOf(Deployment& deployment, Random& random) {
  auto& services = deployment.command_services();
  const int leader = deployment.Leader();
  return *services[leader >= 0 ? static_cast<size_t>(leader) : random.Below(services.size())]->program;
}

Deployment::Replica& AnyReplica(Deployment& deployment, Random& random) {
  return *deployment.replicas()[random.Below(deployment.replicas().size())];
}

Program& AnyProjector(Deployment& deployment, Random& random) { return *AnyReplica(deployment, random).projector; }

Program& AnyQueryService(Deployment& deployment, Random& random) {
  return *AnyReplica(deployment, random).query_service.program;
}

using ChooseProgram = std::function<Program&(Deployment&, Random&)>;

Disruption Kill(const std::string& name, ChooseProgram choose) {
  return {name + " killed", 100, 4000, [choose](Deployment& deployment, Random& random, std::string& target) -> Undo {
            Program& program = choose(deployment, random);
            target = program.name();
            program.Kill();
            return [&program] { program.Start(); };
          }};
}

Disruption Pause(const std::string& name, ChooseProgram choose) {
  return {name + " stopped (SIGSTOP)", 1000, 10'000,
          [choose](Deployment& deployment, Random& random, std::string& target) -> Undo {
            Program& program = choose(deployment, random);
            target = program.name();
            program.Signal(SIGSTOP);
            return [&program] { program.Signal(SIGCONT); };
          }};
}

Disruption Terminate(const std::string& name, ChooseProgram choose) {
  return {name + " ended (SIGTERM)", 100, 2000,
          [choose](Deployment& deployment, Random& random, std::string& target) -> Undo {
            Program& program = choose(deployment, random);
            target = program.name();
            program.Terminate();
            return [&program] { program.Start(); };
          }};
}

Disruption JumpClock(const std::string& direction, int64_t offset_us) {
  return {absl::StrCat("clock jumps an hour ", direction), 3000, 15'000,
          [offset_us](Deployment& deployment, Random& random, std::string& target) -> Undo {
            const auto programs = deployment.Programs();
            Program& program = *programs[random.Below(programs.size())];
            target = program.name();
            program.shim().clock_offset_us = offset_us;
            return [&program] { program.shim().clock_offset_us = 0; };
          }};
}

std::string NameOf(int error) { return error == ENOSPC ? "disk full" : "I/O error"; }

Disruption FailWriteModel(int error) {
  return {NameOf(error) + " under a write model", 1000, 6000,
          [error](Deployment& deployment, Random& random, std::string& target) -> Undo {
            auto& services = deployment.command_services();
            auto& service = *services[random.Below(services.size())];
            target = service.program->name();
            service.program->FailDisk(service.write_model, error);
            return [&service] { service.program->FailDisk("", 0); };
          }};
}

Disruption FailReadModel(int error) {
  return {NameOf(error) + " under a read model", 1000, 6000,
          [error](Deployment& deployment, Random& random, std::string& target) -> Undo {
            auto& replica = AnyReplica(deployment, random);
            Program& program = random.Below(3) == 0 ? *replica.query_service.program : *replica.projector;
            target = program.name();
            program.FailDisk(replica.read_model, error);
            return [&program] { program.FailDisk("", 0); };
          }};
}

Disruption FailLog(int error) {
  return {NameOf(error) + " under the log", 1000, 6000,
          [error](Deployment& deployment, Random& random, std::string& target) -> Undo {
            Program& program = *deployment.command_services()[0]->program;
            target = program.name();
            program.FailDisk(deployment.log_folder(), error);
            return [&program] { program.FailDisk("", 0); };
          }};
}

std::string NameOf(LinkFault fault) {
  switch (fault) {
    case LinkFault::kNone:
      return "none";
    case LinkFault::kCut:
      return "cut";
    case LinkFault::kDelayed:
      return "delayed by 200 ms";
    case LinkFault::kHalfOpen:
      return "half open";
    case LinkFault::kRequestsLost:
      return "lost one way (requests)";
    case LinkFault::kResponsesLost:
      return "lost one way (responses)";
  }
  return "";
}

constexpr LinkFault kLinkFaults[] = {LinkFault::kCut, LinkFault::kDelayed, LinkFault::kHalfOpen,
                                     LinkFault::kRequestsLost, LinkFault::kResponsesLost};

Disruption DisturbClients(LinkFault fault) {
  return {"clients to a server " + NameOf(fault), 1000, 9000,
          [fault](Deployment& deployment, Random& random, std::string& target) -> Undo {
            Deployment::Server* server = &AnyReplica(deployment, random).query_service;
            if (random.Below(2) == 0) {
              auto& services = deployment.command_services();
              server = services[random.Below(services.size())].get();
            }
            target = server->program->name();
            server->clients.Set(fault);
            return [server] { server->clients.Set(LinkFault::kNone); };
          }};
}

// Between one program and one broker, or all of them.
Disruption DisturbBrokers(LinkFault fault) {
  return {"a program to Kafka " + NameOf(fault), 1000, 9000,
          [fault](Deployment& deployment, Random& random, std::string& target) -> Undo {
            auto& all = deployment.broker_links();
            auto& links = *all[random.Below(all.size())];
            const size_t broker = random.Below<size_t>(2 * Deployment::kBrokers);
            const bool is_one = broker < Deployment::kBrokers;
            target = absl::StrCat(links.program, is_one ? absl::StrCat(" to broker ", broker + 1) : " to all brokers");
            const auto set = [&links, broker, is_one](LinkFault value) {
              for (size_t i = 0; i < links.links.size(); ++i) {
                if (!is_one || i == broker) links.links[i].Set(value);
              }
            };
            set(fault);
            return [set] { set(LinkFault::kNone); };
          }};
}

// `choose` gives a broker; one by chance where it gives -1.
Disruption DisturbBroker(const std::string& name, int begin, int shortest_ms, int longest_ms,
                         const std::function<int(Deployment&, Random&)>& choose) {
  return {name, shortest_ms, longest_ms,
          [begin, choose](Deployment& deployment, Random& random, std::string& target) -> Undo {
            const int chosen = choose(deployment, random);
            const int broker = chosen > 0 ? chosen : 1 + random.Below(Deployment::kBrokers);
            target = absl::StrCat("broker ", broker);
            deployment.cluster()->Signal(broker, begin);
            return [&deployment, broker, begin] {
              if (begin == SIGSTOP) {
                deployment.cluster()->Signal(broker, SIGCONT);
              } else {
                deployment.cluster()->Restart(broker);
              }
            };
          }};
}

Disruption KillAllBrokers() {
  return {"all three brokers killed", 1000, 3000, [](Deployment& deployment, Random&, std::string& target) -> Undo {
            target = "all brokers";
            for (int broker = 1; broker <= Deployment::kBrokers; ++broker)
              deployment.cluster()->Signal(broker, SIGKILL);
            return [&deployment] {
              for (int broker = 1; broker <= Deployment::kBrokers; ++broker) deployment.cluster()->Restart(broker);
            };
          }};
}

void AddKafkaDisruptions(std::vector<Disruption>& all) {
  for (const LinkFault fault : kLinkFaults) all.push_back(DisturbBrokers(fault));
  const auto partition_leader = [](Deployment& deployment, Random& random) {
    const auto partitions = deployment.cluster()->PartitionsOf(deployment.topic());
    const size_t partition = random.Below<size_t>(6);
    return partition < partitions.size() ? partitions[partition].leader : -1;
  };
  const auto coordinator = [](Deployment& deployment, Random& random) {
    return deployment.cluster()->TransactionCoordinator(
        absl::StrCat("roster.", deployment.topic(), ".", random.Below(2)));
  };
  all.push_back(DisturbBroker("a partition's leader killed", SIGKILL, 2000, 8000, partition_leader));
  all.push_back(DisturbBroker("the transaction coordinator killed", SIGKILL, 2000, 8000, coordinator));
  all.push_back(DisturbBroker("a broker stopped (SIGSTOP)", SIGSTOP, 1000, 9000, [](auto&, auto&) { return -1; }));
  all.push_back(KillAllBrokers());
}

}  // namespace

std::vector<Disruption> AllDisruptions(LogKind log_kind) {
  std::vector<Disruption> all = {
      Kill("the leading command service", LeaderOf),
      Pause("the leading command service", LeaderOf),
      Terminate("the leading command service", LeaderOf),
      Kill("a projector", AnyProjector),
      Pause("a projector", AnyProjector),
      Kill("a query service", AnyQueryService),
      Pause("a query service", AnyQueryService),
      JumpClock("ahead", 3'600'000'000),
      JumpClock("back", -3'600'000'000),
  };
  for (const int error : {ENOSPC, EIO}) {
    all.push_back(FailWriteModel(error));
    all.push_back(FailReadModel(error));
    if (log_kind == LogKind::kEmbedded) all.push_back(FailLog(error));
  }
  for (const LinkFault fault : kLinkFaults) all.push_back(DisturbClients(fault));
  if (log_kind == LogKind::kKafka) AddKafkaDisruptions(all);
  return all;
}

std::vector<Scheduled> MakeSchedule(const std::vector<Disruption>& disruptions, uint64_t seed, absl::Duration length) {
  Random random(seed);
  std::vector<size_t> deck;
  std::vector<Scheduled> schedule;
  absl::Duration at = absl::Seconds(2);
  while (at < length) {
    if (deck.empty()) {
      deck.resize(disruptions.size());
      std::iota(deck.begin(), deck.end(), 0);
      for (size_t left = deck.size(); left > 1; --left) std::swap(deck[left - 1], deck[random.Below(left)]);
    }
    const Disruption& disruption = disruptions[deck.back()];
    const size_t range = static_cast<size_t>(disruption.longest_ms - disruption.shortest_ms);
    const int64_t lasts_ms = disruption.shortest_ms + static_cast<int64_t>(random.Below(range));
    schedule.push_back({at, absl::Milliseconds(lasts_ms), deck.back(), random.Bits()});
    deck.pop_back();
    at += absl::Milliseconds(2000 + random.Below(6000));
  }
  return schedule;
}

}  // namespace roster::test::chaos
