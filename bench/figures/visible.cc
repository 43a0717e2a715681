#include <memory>
#include <random>

#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/ceilings/bare_visibility.h"
#include "bench/ceilings/empty_server_process.h"
#include "bench/figures/figures.h"
#include "bench/load/commands.h"
#include "bench/load/histogram.h"
#include "bench/load/open_loop.h"
#include "bench/load/queries.h"
#include "bench/load/schedule.h"
#include "roster/v1/user_query_service.grpc.pb.h"

namespace roster::bench {
namespace {

constexpr double kCommandsPerSecond = 100;

// Updates one user after another, at their times, and reads each back by the token of the update.
class ReadsOfOwnWrites {
 public:
  ReadsOfOwnWrites(test::RosterProcesses& roster, const LoadedUsers& loaded)
      : commands_(v1::UserCommandService::NewStub(roster.command_channel())),
        queries_(v1::UserQueryService::NewStub(roster.query_channel())),
        next_(UpdatesAt(roster.command_channel(), loaded).next) {}

  absl::StatusOr<Sample> Run(absl::Duration duration) {
    Histogram latencies;
    Schedule schedule(kCommandsPerSecond, duration);
    absl::Time scheduled;
    while (schedule.Next(scheduled)) {
      v1::UpdateUserRequest request;
      next_(request);
      grpc::ClientContext context;
      v1::UpdateUserResponse updated;
      ROSTER_RETURN_IF_ERROR(client::ToStatus(commands_->UpdateUser(&context, request, &updated)));
      const absl::Time acknowledged = absl::Now();
      ROSTER_RETURN_IF_ERROR(ReadBack(updated));
      latencies.Add(absl::Now() - acknowledged);
    }
    return latencies.WithQuantiles(kCommandsPerSecond);
  }

 private:
  absl::Status ReadBack(const v1::UpdateUserResponse& updated) {
    v1::GetUserRequest request;
    request.set_user_id(updated.user().user_id());
    request.set_read_after(updated.consistency_token());
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    v1::GetUserResponse response;
    ROSTER_RETURN_IF_ERROR(client::ToStatus(queries_->GetUser(&context, request, &response)));
    if (response.user().version() >= updated.user().version()) return absl::OkStatus();
    return absl::InternalError("a read did not include the write that it was to be after");
  }

  const std::unique_ptr<v1::UserCommandService::Stub> commands_;
  const std::unique_ptr<v1::UserQueryService::Stub> queries_;
  const std::function<void(v1::UpdateUserRequest&)> next_;
};

}  // namespace

absl::Status MeasureVisible(Stage& stage) {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, stage.Readable());
  const Settings& settings = stage.settings();
  ReadsOfOwnWrites reads(stage.roster(), *loaded);
  const Measurement ceiling =
      settings.on_kafka()
          ? BareVisibilityOnKafka(settings.brokers, stage.roster().log_options().kafka_partitions, kCommandsPerSecond)
          : BareVisibilityEmbedded(kCommandsPerSecond);
  // What the caller of a read waits for in any case.
  ROSTER_ASSIGN_OR_RETURN(const EmptyServerProcess empty,
                          EmptyServerProcess::Start("query", stage.roster().File("empty")));
  const Gets empty_calls = GetsAt(empty.channel(), *loaded, PickEvenly(static_cast<int64_t>(loaded->user_ids.size())));
  const Measurement empty_rpc = {
      "empty RPC", [&](absl::Duration duration) { return RunOpenLoop(empty_calls, kCommandsPerSecond, duration); }};
  return stage.MeasureLatencies(
      {"Acknowledged to visible, 100/s", [&](absl::Duration duration) { return reads.Run(duration); }},
      {ceiling, empty_rpc});
}

}  // namespace roster::bench
