#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/figures/figures.h"
#include "bench/load/process_usage.h"

namespace roster::bench {
namespace {

// What was begun under load (checkpoints, a last refresh) comes to rest.
constexpr absl::Duration kSettle = absl::Seconds(1);

absl::StatusOr<absl::Duration> CpuTimeOfAll(test::RosterProcesses& roster) {
  absl::Duration sum;
  for (test::Process* process : {&roster.command_service(), &roster.projector(), &roster.query_service()}) {
    ROSTER_ASSIGN_OR_RETURN(const absl::Duration time, CpuTimeOf(process->pid()));
    sum += time;
  }
  return sum;
}

}  // namespace

absl::Status MeasureIdle(Stage& stage) {
  ROSTER_RETURN_IF_ERROR(stage.Readable().status());
  absl::SleepFor(kSettle);
  const auto idle = [&](absl::Duration duration) -> absl::StatusOr<Sample> {
    ROSTER_ASSIGN_OR_RETURN(const absl::Duration before, CpuTimeOfAll(stage.roster()));
    const absl::Time begin = absl::Now();
    absl::SleepFor(duration);
    ROSTER_ASSIGN_OR_RETURN(const absl::Duration after, CpuTimeOfAll(stage.roster()));
    return Sample{100 * absl::FDivDuration(after - before, absl::Now() - begin)};
  };
  Say("idle");
  ROSTER_ASSIGN_OR_RETURN(Figure figure,
                          MeasureFigure(stage.settings(), {"Idle, the three services", idle}, {}, WarmUp::kNo));
  figure.unit = Unit::kCorePercent;
  stage.Add(std::move(figure));
  return absl::OkStatus();
}

}  // namespace roster::bench
