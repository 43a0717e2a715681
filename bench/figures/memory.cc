#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "bench/figures/figures.h"
#include "bench/load/closed_loop.h"
#include "bench/load/commands.h"
#include "bench/load/process_usage.h"
#include "bench/load/queries.h"

namespace roster::bench {
namespace {

constexpr int kInFlight = 64;
constexpr double kMebibyte = 1 << 20;

struct Service {
  const char* name;
  test::Process* process;
  // The most that SQLite may keep in memory of its file, as its settings say.
  double cache_mib;
};

// With what is not in the file itself yet.
double DatabaseMib(const std::string& path) {
  double mib = 0;
  for (const char* suffix : {"", "-wal"}) {
    std::error_code error;
    const uintmax_t bytes = std::filesystem::file_size(path + suffix, error);
    if (!error) mib += static_cast<double>(bytes) / kMebibyte;
  }
  return mib;
}

// Updates and reads side by side.
absl::Status LoadAll(Stage& stage, const LoadedUsers& loaded, absl::Duration duration) {
  const Gets gets =
      GetsAt(stage.roster().query_channel(), loaded, PickEvenly(static_cast<int64_t>(loaded.user_ids.size())));
  absl::Status read;
  std::thread reads([&] { read = RunClosedLoop(gets, kInFlight, duration).status(); });
  const Updates updates = UpdatesAt(stage.roster().command_channel(), loaded);
  const absl::Status written = RunClosedLoop(updates, kInFlight, duration).status();
  reads.join();
  ROSTER_RETURN_IF_ERROR(written);
  return read;
}

absl::StatusOr<std::vector<double>> MebibytesOf(const std::vector<Service>& services) {
  std::vector<double> mebibytes;
  for (const Service& service : services) {
    ROSTER_ASSIGN_OR_RETURN(const int64_t bytes, AnonymousBytesOf(service.process->pid()));
    mebibytes.push_back(static_cast<double>(bytes) / kMebibyte);
  }
  return mebibytes;
}

}  // namespace

absl::Status MeasureMemory(Stage& stage) {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, stage.Readable());
  ROSTER_ASSIGN_OR_RETURN(const std::string read_model, stage.ReadModelFile());
  test::RosterProcesses& roster = stage.roster();
  const Settings& settings = stage.settings();
  Say("memory");
  const absl::Duration half = settings.duration() * settings.repeats / 2;
  ROSTER_RETURN_IF_ERROR(LoadAll(stage, *loaded, half));
  const double workers = std::max(2u, std::thread::hardware_concurrency());
  // As command-service/write_model.cc, read-model/writer.cc and SQLite's default have it.
  const std::vector<Service> services = {
      {"command service", &roster.command_service(), std::min(128.0, DatabaseMib(roster.write_model()))},
      {"projector", &roster.projector(), std::min(256.0, DatabaseMib(read_model))},
      {"query service", &roster.query_service(), std::min(2 * workers, DatabaseMib(read_model) * workers)}};
  ROSTER_ASSIGN_OR_RETURN(const std::vector<double> middle, MebibytesOf(services));
  ROSTER_RETURN_IF_ERROR(LoadAll(stage, *loaded, half));
  ROSTER_ASSIGN_OR_RETURN(const std::vector<double> end, MebibytesOf(services));
  for (size_t i = 0; i < services.size(); ++i) {
    stage.Add({.name = absl::StrCat("Memory, ", services[i].name),
               .unit = Unit::kMebibytes,
               .samples = {{end[i]}},
               .ceilings = {{"SQLite's cache, at most", {{services[i].cache_mib}}}}});
    stage.Add({.name = absl::StrCat("Memory growth, ", services[i].name),
               .unit = Unit::kMebibytes,
               .samples = {{end[i] - middle[i]}}});
  }
  return absl::OkStatus();
}

}  // namespace roster::bench
