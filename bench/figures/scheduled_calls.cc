#include <random>

#include "base/error.h"
#include "bench/ceilings/empty_server_process.h"
#include "bench/figures/figures.h"
#include "bench/load/commands.h"
#include "bench/load/open_loop.h"
#include "bench/load/queries.h"

namespace roster::bench {
namespace {

// Well below what two cores can do.
constexpr double kGetsPerSecond = 5000;
constexpr double kSignUpsPerSecond = 1000;

// Beside the same schedule of empty calls.
template <typename Load>
absl::Status MeasureScheduled(Stage& stage, const std::string& name, const Load& load, const Load& empty,
                              double per_second) {
  return stage.MeasureLatencies(
      {name, [&](absl::Duration duration) { return RunOpenLoop(load, per_second, duration); }},
      {{"empty RPC", [&](absl::Duration duration) { return RunOpenLoop(empty, per_second, duration); }}});
}

}  // namespace

absl::Status MeasureScheduledGets(Stage& stage) {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, stage.Readable());
  ROSTER_ASSIGN_OR_RETURN(const EmptyServerProcess empty,
                          EmptyServerProcess::Start("query", stage.roster().File("empty")));
  const auto users = static_cast<int64_t>(loaded->user_ids.size());
  return MeasureScheduled(stage, "GetUser, 5,000/s scheduled",
                          GetsAt(stage.roster().query_channel(), *loaded, PickByPopularity(users)),
                          GetsAt(empty.channel(), *loaded, PickByPopularity(users)), kGetsPerSecond);
}

absl::Status MeasureScheduledSignUps(Stage& stage) {
  ROSTER_RETURN_IF_ERROR(stage.Loaded().status());
  ROSTER_RETURN_IF_ERROR(stage.StopReads());
  ROSTER_ASSIGN_OR_RETURN(const EmptyServerProcess empty,
                          EmptyServerProcess::Start("command", stage.roster().File("empty")));
  return MeasureScheduled(stage, "SignUpUser, 1,000/s scheduled", SignUpsAt(stage.roster().command_channel(), stage),
                          SignUpsAt(empty.channel(), stage), kSignUpsPerSecond);
}

}  // namespace roster::bench
