#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/figures/figures.h"
#include "bench/load/commands.h"
#include "bench/load/open_loop.h"
#include "bench/load/process_usage.h"
#include "bench/load/watchers.h"

namespace roster::bench {
namespace {

// What the last changes may need to arrive.
constexpr absl::Duration kTail = absl::Milliseconds(200);

struct Watched {
  // A second, and how late they came.
  Sample changes;
  double messages_per_second = 0;
  double server_core_percent = 0;
};

absl::StatusOr<Watched> Watch(Stage& stage, Watchers& watchers, const Updates& updates, absl::Duration duration) {
  const pid_t server = stage.roster().query_service().pid();
  (void)watchers.TakeLatencies();
  (void)watchers.TakeMessages();
  ROSTER_ASSIGN_OR_RETURN(const absl::Duration before, CpuTimeOf(server));
  const absl::Time begin = absl::Now();
  ROSTER_RETURN_IF_ERROR(RunOpenLoop(updates, stage.settings().changes_per_second, duration).status());
  absl::SleepFor(kTail);
  const absl::Duration elapsed = absl::Now() - begin;
  ROSTER_ASSIGN_OR_RETURN(const absl::Duration after, CpuTimeOf(server));
  const Histogram latencies = watchers.TakeLatencies();
  const double seconds = absl::ToDoubleSeconds(elapsed);
  return Watched{latencies.WithQuantiles(static_cast<double>(latencies.count()) / seconds),
                 static_cast<double>(watchers.TakeMessages()) / seconds,
                 100 * absl::FDivDuration(after - before, elapsed)};
}

}  // namespace

absl::Status MeasureWatchUsers(Stage& stage) {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, stage.Readable());
  const Settings& settings = stage.settings();
  const Updates updates = UpdatesAt(stage.roster().command_channel(), *loaded);
  ROSTER_ASSIGN_OR_RETURN(const auto watchers, Watchers::Start(stage.roster().query_address(), settings.watchers));
  const std::string name =
      absl::StrCat("WatchUsers, ", settings.watchers, " watchers, ", settings.changes_per_second, " changes/s");
  Say(name);
  ROSTER_RETURN_IF_ERROR(Watch(stage, *watchers, updates, settings.warm_up()).status());
  Figure changes{.name = name + ", changes", .samples = {}};
  Figure messages{.name = name + ", messages", .samples = {}};
  Figure server{.name = name + ", query service", .unit = Unit::kCorePercent, .samples = {}};
  for (int repeat = 0; repeat < settings.repeats; ++repeat) {
    ROSTER_ASSIGN_OR_RETURN(const Watched watched, Watch(stage, *watchers, updates, settings.duration()));
    changes.samples.push_back(watched.changes);
    messages.samples.push_back({watched.messages_per_second});
    server.samples.push_back({watched.server_core_percent});
  }
  ROSTER_RETURN_IF_ERROR(watchers->Stop());
  stage.Add(std::move(changes));
  stage.Add(std::move(messages));
  stage.Add(std::move(server));
  return absl::OkStatus();
}

}  // namespace roster::bench
