// roster-bench: what Roster does a second, beside ceilings measured in the same run.
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "base/error.h"
#include "bench/commands.h"
#include "bench/empty_server.h"
#include "bench/load_users.h"
#include "bench/reads.h"
#include "bench/report.h"
#include "bench/settings.h"
#include "clients/cpp/rpc_error.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "tests/support/roster_processes.h"

namespace roster::bench {
namespace {

void Say(const char* what) { std::fprintf(stderr, "roster-bench: %s\n", what); }

// Until a read finds all that was loaded: from then on the projector is idle.
absl::Status AwaitVisible(const test::RosterProcesses& roster, const LoadedUsers& loaded) {
  const auto stub = v1::UserQueryService::NewStub(roster.query_channel());
  v1::GetUserRequest request;
  request.set_user_id(loaded.user_ids.back());
  request.set_read_after(loaded.consistency_token);
  grpc::Status status;
  const auto visible = [&] {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    v1::GetUserResponse response;
    status = stub->GetUser(&context, request, &response);
    return status.ok();
  };
  if (test::Eventually(visible, absl::Minutes(10))) return absl::OkStatus();
  return client::ToStatus(status);
}

// The read model's part is measured first, so that it holds the loaded users alone; then it ends, and leaves the
// machine to the commands.
absl::Status Measure(const Settings& settings, std::vector<Figure>& figures) {
  const auto kind = settings.log == "kafka" ? test::LogKind::kKafka : test::LogKind::kEmbedded;
  test::RosterProcesses roster(kind, /*kafka_partitions=*/6, settings.brokers);
  roster.StartCommandService();
  Say("loading users");
  ROSTER_ASSIGN_OR_RETURN(LoadedUsers loaded, LoadUsers(roster.command_address(), settings.users));
  figures.push_back(loaded.import_rate);
  roster.StartProjector();
  roster.StartQueryService();
  ROSTER_RETURN_IF_ERROR(AwaitVisible(roster, loaded));
  Say("measuring reads");
  ROSTER_RETURN_IF_ERROR(MeasureReads(settings, roster, loaded, figures));
  for (test::Process* process : {&roster.query_service(), &roster.projector()}) {
    process->Signal(SIGTERM);
    if (process->Wait() != 0) return absl::InternalError("a service did not stop as asked");
  }
  Say("measuring commands");
  return MeasureCommands(settings, roster, figures);
}

void DeclareOptions(CLI::App& app, Settings& settings) {
  app.add_option("--users", settings.users, "How many users are loaded first, and read")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{100'000'000}));
  app.add_option("--seconds", settings.seconds, "How long each measurement takes")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 3600.0));
  app.add_option("--warm-up-seconds", settings.warm_up_seconds, "How long the same is done before, without counting")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 3600.0));
  app.add_option("--repeats", settings.repeats, "How often each figure is measured, in turn with its ceilings")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--log", settings.log, "embedded, or kafka: a new topic of 6 partitions at --brokers")
      ->capture_default_str()
      ->check(CLI::IsMember({"embedded", "kafka"}));
  app.add_option("--brokers", settings.brokers, "HOST:PORT[,HOST:PORT...], for --log kafka")
      ->envname("ROSTER_TEST_KAFKA");
  app.add_option("--output", settings.output, "table, markdown (for docs/performance.md) or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "markdown", "json"}));
}

int Run(int argc, char** argv) {
  CLI::App app("Measures Roster's services beside ceilings measured in the same run.", "roster-bench");
  Settings settings;
  std::string empty_server;
  DeclareOptions(app, settings);
  bool quick = false;
  app.add_flag("--quick", quick, "One repeat of 0.3 seconds, 5,000 users: shows that it runs; its figures mean little");
  app.add_option("--empty-server", empty_server, "Be the server that the others are compared with: command or query")
      ->check(CLI::IsMember({"command", "query"}));
  CLI11_PARSE(app, argc, argv);
  if (!empty_server.empty()) return RunEmptyServer(empty_server);
  if (quick) {
    settings.users = 5'000;
    settings.seconds = 0.3;
    settings.warm_up_seconds = 0.1;
    settings.repeats = 1;
  }
  if (settings.log == "kafka" && settings.brokers.empty()) {
    Say("--log kafka needs --brokers; ./dev bench --kafka starts a broker");
    return 2;
  }

  std::vector<Figure> figures;
  if (const absl::Status status = Measure(settings, figures); !status.ok()) {
    Say(status.ToString().c_str());
    return 1;
  }
  std::fputs(FormatReport(figures, settings.output).c_str(), stdout);
  return 0;
}

}  // namespace
}  // namespace roster::bench

int main(int argc, char** argv) { return roster::bench::Run(argc, argv); }
