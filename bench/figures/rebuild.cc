#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/ceilings/bare_consumer.h"
#include "bench/ceilings/raw_rows.h"
#include "bench/figures/figures.h"
#include "bench/load/read_model_copy.h"
#include "read-model/folder.h"

namespace roster::bench {
namespace {

constexpr absl::Duration kLongest = absl::Hours(1);

absl::Status Rebuild(test::RosterProcesses& roster) {
  const std::string log = roster.File("rebuild.log");
  auto process = test::Process::Start(
      {test::ProgramPath("roster-projector"), roster.log_flag(), "--read-model=" + roster.read_model(), "rebuild"},
      log);
  if (process->Wait(kLongest) == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("rebuild failed: ", process->Log()));
}

}  // namespace

absl::Status MeasureRebuild(Stage& stage) {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, stage.Readable());
  test::RosterProcesses& roster = stage.roster();
  ROSTER_RETURN_IF_ERROR(stage.StopReads());
  const std::string rows = roster.File("rows");
  ROSTER_RETURN_IF_ERROR(CopyReadModel(roster.read_model(), rows));
  ROSTER_ASSIGN_OR_RETURN(const auto generation, read_model::Folder(rows).CurrentGeneration());
  ROSTER_RETURN_IF_ERROR(stage.Readable().status());
  std::vector<Measurement> ceilings = {
      RawLoad(read_model::Folder(rows).DatabasePath(*generation), roster.File("raw.db"))};
  if (stage.settings().on_kafka()) {
    ceilings.push_back(BareConsumer(stage.settings().brokers, roster.topic(), roster.log_options().kafka_partitions));
  }
  const auto rebuild = [&](absl::Duration) -> absl::StatusOr<Sample> {
    const absl::Time begin = absl::Now();
    ROSTER_RETURN_IF_ERROR(Rebuild(roster));
    return Sample{static_cast<double>(loaded->user_ids.size()) / absl::ToDoubleSeconds(absl::Now() - begin)};
  };
  return stage.Measure({"Rebuild, events", rebuild}, ceilings, WarmUp::kNo).status();
}

}  // namespace roster::bench
