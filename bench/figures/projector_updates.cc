#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/ceilings/raw_rows.h"
#include "bench/figures/figures.h"
#include "bench/load/closed_loop.h"
#include "bench/load/commands.h"
#include "bench/load/read_model_copy.h"
#include "read-model/folder.h"

namespace roster::bench {
namespace {

constexpr int kUpdatesInFlight = 256;

}  // namespace

absl::Status MeasureProjectorUpdates(Stage& stage) {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, stage.Readable());
  ROSTER_RETURN_IF_ERROR(stage.StopReads());
  test::RosterProcesses& roster = stage.roster();
  const std::string before = roster.File("before-updates");
  const std::string after = roster.File("after-updates");
  ROSTER_RETURN_IF_ERROR(CopyReadModel(roster.read_model(), before));
  const auto count = static_cast<int64_t>(loaded->user_ids.size());
  Say("updating as many users");
  ROSTER_RETURN_IF_ERROR(
      RunClosedLoopCalls(UpdatesAt(roster.command_channel(), *loaded), kUpdatesInFlight, count).status());
  ROSTER_ASSIGN_OR_RETURN(const std::string token, stage.LastToken());
  const auto fold = [&](absl::Duration) -> absl::StatusOr<Sample> {
    ROSTER_RETURN_IF_ERROR(CopyReadModel(before, roster.read_model()));
    const absl::Time begin = absl::Now();
    stage.StartProjector();
    ROSTER_RETURN_IF_ERROR(stage.AwaitFolded(token));
    const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
    ROSTER_RETURN_IF_ERROR(stage.StopProjector());
    return Sample{static_cast<double>(count) / seconds};
  };
  // For the ceiling, which is measured first, what the figure will come to.
  ROSTER_RETURN_IF_ERROR(fold({}).status());
  ROSTER_RETURN_IF_ERROR(CopyReadModel(roster.read_model(), after));
  ROSTER_ASSIGN_OR_RETURN(const auto generation, read_model::Folder(before).CurrentGeneration());
  const auto file = [&](const std::string& folder) { return read_model::Folder(folder).DatabasePath(*generation); };
  return stage
      .Measure({"Projector, updates", fold}, {RawUpdates(file(before), file(after), roster.File("raw.db"))},
               WarmUp::kNo)
      .status();
}

}  // namespace roster::bench
