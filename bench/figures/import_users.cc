#include "base/error.h"
#include "bench/ceilings/import_parts.h"
#include "bench/figures/figures.h"

namespace roster::bench {

absl::Status MeasureImportUsers(Stage& stage) {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, stage.Loaded());
  Say("what an import is made of");
  const auto log = stage.roster().OpenLog();
  const auto other = stage.AnotherRoster();
  const auto target = other->OpenLog();
  ROSTER_ASSIGN_OR_RETURN(const Sample log_alone, LogAlone(*log, *target));
  ROSTER_ASSIGN_OR_RETURN(const Sample write_model_alone, WriteModelAlone(*log));
  stage.Add({.name = "ImportUsers, users",
             .samples = {loaded->rate},
             .ceilings = {{"log alone", {log_alone}}, {"write model alone", {write_model_alone}}}});
  return absl::OkStatus();
}

}  // namespace roster::bench
