// roster-bench: what Roster does a second, beside ceilings measured in the same run.
#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "bench/ceilings/empty_server.h"
#include "bench/report.h"
#include "bench/settings.h"
#include "bench/stage.h"
#include "bench/suite.h"

namespace roster::bench {
namespace {

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
  app.add_option("--watchers", settings.watchers, "Open WatchUsers calls")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  app.add_option("--changes-per-second", settings.changes_per_second, "Changes that those see")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--log", settings.log, "embedded, or kafka: a new topic of 6 partitions at --brokers")
      ->capture_default_str()
      ->check(CLI::IsMember({"embedded", "kafka"}));
  app.add_option("--brokers", settings.brokers, "HOST:PORT[,HOST:PORT...], for --log kafka")
      ->envname("ROSTER_TEST_KAFKA");
  app.add_option("--only", settings.only,
                 absl::StrCat("Only figures whose names contain this; may be given again: ",
                              absl::StrJoin(FigureNames(), ", ")))
      ->allow_extra_args(false);
  app.add_option("--output", settings.output, "table, or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json"}));
}

enum class Size { kFull, kQuick, kSmoke };

// Flags that were given go before it.
void SetSize(const CLI::App& app, Size size, Settings& settings) {
  if (size == Size::kFull) return;
  const bool quick = size == Size::kQuick;
  if (app.count("--users") == 0) settings.users = quick ? 50'000 : 2'000;
  if (app.count("--seconds") == 0) settings.seconds = quick ? 1 : 0.1;
  if (app.count("--warm-up-seconds") == 0) settings.warm_up_seconds = quick ? 0.2 : 0.1;
  if (app.count("--repeats") == 0) settings.repeats = 1;
  if (app.count("--watchers") == 0) settings.watchers = quick ? 100 : 5;
  if (app.count("--changes-per-second") == 0) settings.changes_per_second = quick ? 200 : 50;
}

int Run(int argc, char** argv) {
  CLI::App app("Measures Roster's services beside ceilings measured in the same run.", "roster-bench");
  Settings settings;
  std::string empty_server;
  DeclareOptions(app, settings);
  Size size = Size::kFull;
  app.add_flag_callback("--quick", [&] { size = Size::kQuick; }, "A small size, for every day: below two minutes");
  app.add_flag_callback("--smoke", [&] { size = Size::kSmoke; }, "Shows that it runs; its figures mean nothing");
  app.add_option("--empty-server", empty_server, "Be the server that the others are compared with: command or query")
      ->check(CLI::IsMember({"command", "query"}));
  CLI11_PARSE(app, argc, argv);
  if (!empty_server.empty()) return RunEmptyServer(empty_server);
  if (settings.log == "kafka" && settings.brokers.empty()) {
    Say("--log kafka needs --brokers; ./dev bench --kafka starts a broker");
    return 2;
  }

  SetSize(app, size, settings);
  Stage stage(settings);
  if (const absl::Status status = RunSuite(stage); !status.ok()) {
    Say(status.ToString());
    return 1;
  }
  std::fputs(FormatReport(stage.figures(), settings).c_str(), stdout);
  return 0;
}

}  // namespace
}  // namespace roster::bench

int main(int argc, char** argv) {
  // As the services have it: a debugging aid of abseil's that Debian's build has on, at a price for every lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return roster::bench::Run(argc, argv);
}
