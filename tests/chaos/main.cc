// roster-chaos: breaks a deployment on purpose, and tries to prove Roster wrong. See docs/reliability.md.
#include <atomic>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>

#include "base/options.h"
#include "base/shutdown.h"
#include "base/temp_dir.h"
#include "tests/chaos/chaos_run.h"
#include "tests/chaos/checker.h"
#include "tests/chaos/summary.h"

namespace {

using namespace roster::test::chaos;

constexpr char kDescription[] =
    "Runs Roster as in production, with load, while programs, brokers, networks, disks and clocks fail; then checks "
    "every "
    "answer against the log. Exit code 1 where a promise was broken.";

// The record, the log and the models are checked; what is wrong is printed.
int Check(const std::string& folder) {
  const auto run = ReadRunRecord(RecordPath(folder));
  if (!run.ok()) {
    std::fprintf(stderr, "roster-chaos: %s\n", std::string(run.status().message()).c_str());
    return 1;
  }
  std::printf("\n%s\n", Summarize(*run).c_str());
  const std::vector<std::string> faults = CheckRun(*run);
  for (const std::string& fault : faults) std::printf("FAULT: %s\n", fault.c_str());
  if (faults.empty()) std::printf("No promise was broken.\n");
  return faults.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  roster::ShutdownSignal shutdown;
  roster::Options settings("roster-chaos", kDescription);
  ChaosOptions options;
  std::string log = "embedded", check;
  double minutes = 5;
  settings.app()
      .add_option("--log", log, "Which log to run on")
      ->capture_default_str()
      ->check(CLI::IsMember({"embedded", "kafka"}));
  settings.app().add_option("--minutes", minutes, "How long things go wrong")->capture_default_str();
  settings.app().add_option("--seed", options.seed,
                            "Repeats the schedule of the run that had this seed; 0 makes one up");
  settings.app().add_option("--callers", options.callers, "How many clients call at once")->capture_default_str();
  settings.app().add_option("--only", options.only, "Only what has this in its name goes wrong");
  settings.app().add_option("--folder", options.folder,
                            "Keeps the record and all files here. Default: a temporary one, kept after a fault");
  settings.app().add_option("--check", check, "Only checks the record in the folder of an earlier run");
  if (const std::optional<int> exit_code = settings.Parse(argc, argv)) return *exit_code;
  if (!check.empty()) return Check(check);

  options.log_kind = log == "kafka" ? roster::test::LogKind::kKafka : roster::test::LogKind::kEmbedded;
  options.length = absl::Minutes(minutes);
  if (options.seed == 0) options.seed = static_cast<uint64_t>(absl::ToUnixMicros(absl::Now()));
  std::optional<roster::TempDir> temporary;
  if (options.folder.empty()) options.folder = temporary.emplace().path();
  std::printf("roster-chaos --log %s --minutes %g --callers %d --seed %llu\nfiles in %s\n\n", log.c_str(), minutes,
              options.callers, static_cast<unsigned long long>(options.seed), options.folder.c_str());
  // Whoever interrupts it gets everything mended and checked sooner, and no program is left behind.
  std::atomic<bool> interrupted = false;
  options.interrupted = [&] { return interrupted.load(); };
  std::thread([&] {
    shutdown.Wait();
    interrupted = true;
  }).detach();
  const absl::Status ran = RunChaos(options);
  int exit_code = Check(options.folder);
  if (!ran.ok()) {
    std::printf("FAULT: %s\n", std::string(ran.message()).c_str());
    exit_code = 1;
  }
  if (exit_code != 0 && temporary) {
    std::printf("All files are kept in %s; check again: roster-chaos --check %s\n", options.folder.c_str(),
                options.folder.c_str());
    temporary->Keep();
  }
  return exit_code;
}
