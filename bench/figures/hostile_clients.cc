#include <csignal>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "bench/figures/figures.h"
#include "bench/load/commands.h"
#include "bench/load/open_loop.h"
#include "bench/load/process_usage.h"
#include "bench/load/queries.h"
#include "tests/support/guarded_roster.h"

namespace roster::bench {
namespace {

constexpr int64_t kMostUsers = 20'000;
constexpr double kSignUpsPerSecond = 100;
constexpr double kGetsPerSecond = 500;
constexpr double kMebibyteSize = 1 << 20;

template <typename Load>
Load WithToken(Load load, const std::string& token) {
  load.start = [start = std::move(load.start), token](grpc::ClientContext* context, const auto& request,
                                                      grpc::CompletionQueue* queue) {
    context->AddMetadata("authorization", "Bearer " + token);
    return start(context, request, queue);
  };
  return load;
}

// So that they may be repeated.
SignUps WithRequestIds(SignUps load) {
  load.next = [next = std::move(load.next), number = 0](v1::SignUpUserRequest& request) mutable {
    next(request);
    request.set_request_id(absl::StrCat("hostile-figure-", ++number));
  };
  return load;
}

absl::Status End(test::Process& process, int exit_code) {
  process.Signal(SIGTERM);
  if (process.Wait() == exit_code) return absl::OkStatus();
  return absl::InternalError("a process did not end as asked");
}

// Services that know their callers, and users in them.
struct GuardedStage {
  std::unique_ptr<test::RosterProcesses> roster;
  std::unique_ptr<test::Guard> guard;
  LoadedUsers loaded;
};

absl::StatusOr<GuardedStage> StartGuarded(const Stage& stage) {
  GuardedStage guarded;
  guarded.roster = stage.AnotherRoster();
  guarded.roster->StartCommandService();
  ROSTER_ASSIGN_OR_RETURN(guarded.loaded,
                          LoadUsers(guarded.roster->command_address(), std::min(stage.settings().users, kMostUsers)));
  ROSTER_RETURN_IF_ERROR(End(guarded.roster->command_service(), 0));
  guarded.guard = std::make_unique<test::Guard>(*guarded.roster);
  guarded.roster->StartAll();
  if (!guarded.roster->WaitUntilServing()) return absl::UnavailableError("the services do not serve");
  return guarded;
}

// The same schedule of calls without and with hostile clients beside it.
template <typename Load>
absl::Status MeasureBeside(Stage& stage, const GuardedStage& guarded, const std::string& name, const Load& load,
                           double per_second) {
  const auto quiet = [&](absl::Duration duration) { return RunOpenLoop(load, per_second, duration); };
  const auto attacked = [&](absl::Duration duration) -> absl::StatusOr<Sample> {
    const auto hostile = StartHostileClients(*guarded.roster, *guarded.guard);
    ROSTER_ASSIGN_OR_RETURN(const Sample sample, RunOpenLoop(load, per_second, duration));
    ROSTER_RETURN_IF_ERROR(End(*hostile, 0));
    return sample;
  };
  return stage.MeasureLatencies({name, attacked}, {{"without them", quiet}});
}

absl::Status AddMemory(Stage& stage, const char* service, test::Process& process) {
  ROSTER_ASSIGN_OR_RETURN(const int64_t bytes, AnonymousBytesOf(process.pid()));
  stage.Add({.name = absl::StrCat("Memory after hostile clients, ", service),
             .unit = Unit::kMebibytes,
             .samples = {{static_cast<double>(bytes) / kMebibyteSize}}});
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureHostileClients(Stage& stage) {
  ROSTER_RETURN_IF_ERROR(stage.StopReads());
  ROSTER_ASSIGN_OR_RETURN(const GuardedStage guarded, StartGuarded(stage));
  const std::string token = guarded.guard->TokenOf("well-behaved");
  const SignUps sign_ups = WithRequestIds(SignUpsAt(test::ConnectPatiently(guarded.roster->command_address()), stage));
  ROSTER_RETURN_IF_ERROR(MeasureBeside(stage, guarded, "SignUpUser beside hostile clients, 100/s",
                                       WithToken(sign_ups, token), kSignUpsPerSecond));
  ROSTER_RETURN_IF_ERROR(
      MeasureBeside(stage, guarded, "GetUser beside hostile clients, 500/s",
                    WithToken(GetsAt(test::ConnectPatiently(guarded.roster->query_address()), guarded.loaded,
                                     PickEvenly(static_cast<int64_t>(guarded.loaded.user_ids.size()))),
                              token),
                    kGetsPerSecond));
  ROSTER_RETURN_IF_ERROR(AddMemory(stage, "command service", guarded.roster->command_service()));
  return AddMemory(stage, "query service", guarded.roster->query_service());
}

}  // namespace roster::bench
