#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "bench/ceilings/bare_producer.h"
#include "bench/ceilings/empty_server_process.h"
#include "bench/ceilings/raw_append.h"
#include "bench/figures/figures.h"
#include "bench/load/closed_loop.h"
#include "bench/load/commands.h"

namespace roster::bench {
namespace {

// What the log itself can do; where one call waits for one write.
std::vector<Measurement> LogCeilings(Stage& stage, int in_flight) {
  const Settings& settings = stage.settings();
  if (settings.on_kafka()) {
    const int partitions = stage.roster().log_options().kafka_partitions;
    return {BareTransactionalProducer(settings.brokers, partitions, in_flight),
            BareIdempotentProducer(settings.brokers, partitions, in_flight)};
  }
  if (in_flight > 1) return {};
  return {RawAppends(stage.roster().File("append")), RawOverwrites(stage.roster().File("overwrite"))};
}

}  // namespace

absl::Status MeasureSignUpUser(Stage& stage) {
  ROSTER_RETURN_IF_ERROR(stage.Loaded().status());
  ROSTER_RETURN_IF_ERROR(stage.StopReads());
  ROSTER_ASSIGN_OR_RETURN(const EmptyServerProcess empty,
                          EmptyServerProcess::Start("command", stage.roster().File("empty")));
  const SignUps sign_ups = SignUpsAt(stage.roster().command_channel(), stage);
  const SignUps empty_calls = SignUpsAt(empty.channel(), stage);
  for (const int in_flight : {1, 64, 256}) {
    std::vector<Measurement> ceilings = {
        {"empty RPC", [&](absl::Duration duration) { return RunClosedLoop(empty_calls, in_flight, duration); }}};
    for (Measurement& ceiling : LogCeilings(stage, in_flight)) ceilings.push_back(std::move(ceiling));
    ROSTER_ASSIGN_OR_RETURN(
        const Figure figure,
        stage.Measure({absl::StrCat("SignUpUser, ", in_flight, " in flight"),
                       [&](absl::Duration duration) { return RunClosedLoop(sign_ups, in_flight, duration); }},
                      ceilings));
    if (in_flight > 1) continue;
    const std::string write = stage.settings().on_kafka() ? "transactional producer" : "append+fdatasync";
    stage.Add(LatencyFigure(figure, "SignUpUser p50, 1 in flight", &Sample::p50_ms, {"empty RPC", write}));
    stage.Add(LatencyFigure(figure, "SignUpUser p99, 1 in flight", &Sample::p99_ms, {"empty RPC", write}));
  }
  return absl::OkStatus();
}

}  // namespace roster::bench
