#include <csignal>
#include <functional>

#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/figures/figures.h"
#include "clients/cpp/health.h"

namespace roster::bench {
namespace {

// From the start of the process until its health says that it serves.
absl::Status StartAndServe(test::RosterProcesses& roster) {
  roster.StartCommandService();
  const auto channel = roster.command_channel();
  const auto serving = [&] {
    const auto health =
        client::CheckHealth({roster.command_address(), channel}, client::kCommandServiceName, absl::Seconds(2));
    return health.ok() && *health == "SERVING";
  };
  if (test::Eventually(serving, absl::Minutes(30))) return absl::OkStatus();
  return absl::UnavailableError("the command service does not serve");
}

absl::StatusOr<Sample> Restart(test::RosterProcesses& roster, int signal) {
  roster.command_service().Signal(signal);
  roster.command_service().Wait(absl::Minutes(5));
  const absl::Time begin = absl::Now();
  ROSTER_RETURN_IF_ERROR(StartAndServe(roster));
  return Sample{absl::ToDoubleSeconds(absl::Now() - begin)};
}

}  // namespace

absl::Status MeasureRestart(Stage& stage) {
  ROSTER_RETURN_IF_ERROR(stage.Loaded().status());
  const Settings& settings = stage.settings();
  const auto empty = stage.AnotherRoster();
  ROSTER_RETURN_IF_ERROR(StartAndServe(*empty));
  const auto measure = [&](const std::string& name, int signal) -> absl::Status {
    ROSTER_ASSIGN_OR_RETURN(
        Figure figure,
        MeasureFigure(settings, {name, [&](absl::Duration) { return Restart(stage.roster(), signal); }},
                      {{"without users", [&](absl::Duration) { return Restart(*empty, signal); }}}, WarmUp::kNo));
    figure.unit = Unit::kSeconds;
    stage.Add(std::move(figure));
    return absl::OkStatus();
  };
  Say("restarts");
  ROSTER_RETURN_IF_ERROR(measure("Restart of the command service, stopped", SIGTERM));
  return measure("Restart of the command service, killed", SIGKILL);
}

}  // namespace roster::bench
