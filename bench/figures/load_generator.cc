#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "bench/ceilings/empty_server.h"
#include "bench/ceilings/empty_server_process.h"
#include "bench/figures/figures.h"
#include "bench/load/closed_loop.h"
#include "bench/load/commands.h"

namespace roster::bench {

absl::Status MeasureLoadGenerator(Stage& stage) {
  ROSTER_ASSIGN_OR_RETURN(const EmptyServerProcess process,
                          EmptyServerProcess::Start("command", stage.roster().File("empty")));
  ROSTER_ASSIGN_OR_RETURN(const auto in_process, EmptyServer::Start("command"));
  const SignUps inside = SignUpsAt(in_process->InProcessChannel(), stage);
  const SignUps outside = SignUpsAt(process.channel(), stage);
  for (const int in_flight : {1, 64, 256}) {
    ROSTER_RETURN_IF_ERROR(
        stage
            .Measure(
                {absl::StrCat("Load generator, server in its process, ", in_flight, " in flight"),
                 [&](absl::Duration duration) { return RunClosedLoop(inside, in_flight, duration); }},
                {{"empty RPC", [&](absl::Duration duration) { return RunClosedLoop(outside, in_flight, duration); }}})
            .status());
  }
  return absl::OkStatus();
}

}  // namespace roster::bench
