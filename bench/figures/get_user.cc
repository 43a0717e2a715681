#include <cstdint>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "bench/ceilings/empty_server_process.h"
#include "bench/figures/figures.h"
#include "bench/load/closed_loop.h"
#include "bench/load/queries.h"

namespace roster::bench {
absl::Status MeasureGetUser(Stage& stage) {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, stage.Readable());
  ROSTER_ASSIGN_OR_RETURN(const EmptyServerProcess empty,
                          EmptyServerProcess::Start("query", stage.roster().File("empty")));
  const auto users = static_cast<int64_t>(loaded->user_ids.size());
  const auto channel = stage.roster().query_channel();
  const Gets empty_calls = GetsAt(empty.channel(), *loaded, PickEvenly(users));
  const Gets even = GetsAt(channel, *loaded, PickEvenly(users));
  const Gets popular = GetsAt(channel, *loaded, PickByPopularity(users));
  const auto measure = [&](const std::string& name, const Gets& gets, int in_flight) {
    return stage
        .Measure(
            {absl::StrCat(name, ", ", in_flight, " in flight"),
             [&](absl::Duration duration) { return RunClosedLoop(gets, in_flight, duration); }},
            {{"empty RPC", [&](absl::Duration duration) { return RunClosedLoop(empty_calls, in_flight, duration); }}})
        .status();
  };
  for (const int in_flight : {64, 256}) ROSTER_RETURN_IF_ERROR(measure("GetUser", even, in_flight));
  return measure("GetUser by popularity", popular, 64);
}

}  // namespace roster::bench
