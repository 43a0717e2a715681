#include <filesystem>
#include <vector>

#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/ceilings/bare_consumer.h"
#include "bench/ceilings/raw_rows.h"
#include "bench/figures/figures.h"
#include "bench/load/read_model_copy.h"
#include "read-model/folder.h"

namespace roster::bench {

absl::Status MeasureProjectorSignUps(Stage& stage) {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, stage.Readable());
  ROSTER_RETURN_IF_ERROR(stage.StopReads());
  ROSTER_ASSIGN_OR_RETURN(const std::string token, stage.LastToken());
  test::RosterProcesses& roster = stage.roster();
  // The rows for the ceiling, which the figure folds anew.
  const std::string rows = roster.File("rows");
  ROSTER_RETURN_IF_ERROR(CopyReadModel(roster.read_model(), rows));
  const auto fold = [&](absl::Duration) -> absl::StatusOr<Sample> {
    std::filesystem::remove_all(roster.read_model());
    const absl::Time begin = absl::Now();
    stage.StartProjector();
    ROSTER_RETURN_IF_ERROR(stage.AwaitFolded(token));
    const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
    ROSTER_RETURN_IF_ERROR(stage.StopProjector());
    return Sample{static_cast<double>(loaded->user_ids.size()) / seconds};
  };
  ROSTER_ASSIGN_OR_RETURN(const auto generation, read_model::Folder(rows).CurrentGeneration());
  std::vector<Measurement> ceilings = {
      RawInserts(read_model::Folder(rows).DatabasePath(*generation), roster.File("raw.db"))};
  if (stage.settings().on_kafka()) {
    ceilings.push_back(BareConsumer(stage.settings().brokers, roster.topic(), roster.log_options().kafka_partitions));
  }
  return stage.Measure({"Projector, sign-ups", fold}, ceilings, WarmUp::kNo).status();
}

}  // namespace roster::bench
