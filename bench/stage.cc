#include "bench/stage.h"

#include <csignal>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "base/consistency_token.h"
#include "base/error.h"
#include "clients/cpp/rpc_error.h"
#include "read-model/folder.h"
#include "read-model/reader.h"

namespace roster::bench {
namespace {

// Ten million users at a tenth of the usual rate.
constexpr absl::Duration kLongestFold = absl::Hours(2);
constexpr absl::Duration kLongestStop = absl::Minutes(2);

constexpr int kKafkaPartitions = 6;

test::LogKind KindOf(const Settings& settings) {
  return settings.on_kafka() ? test::LogKind::kKafka : test::LogKind::kEmbedded;
}

absl::Status Stop(test::Process& process) {
  process.Signal(SIGTERM);
  if (process.Wait(kLongestStop) == 0) return absl::OkStatus();
  return absl::InternalError("a service did not stop as asked");
}

}  // namespace

void Say(const std::string& what) { std::fprintf(stderr, "roster-bench: %s\n", what.c_str()); }

Stage::Stage(const Settings& settings)
    : settings_(settings),
      roster_(KindOf(settings), kKafkaPartitions, settings.brokers),
      next_person_(settings.users) {}

std::unique_ptr<test::RosterProcesses> Stage::AnotherRoster() const {
  return std::make_unique<test::RosterProcesses>(KindOf(settings_), kKafkaPartitions, settings_.brokers);
}

absl::StatusOr<const LoadedUsers*> Stage::Loaded() {
  if (loaded_) return &*loaded_;
  Say(absl::StrCat("loading ", settings_.users, " users"));
  roster_.StartCommandService();
  ROSTER_ASSIGN_OR_RETURN(loaded_, LoadUsers(roster_.command_address(), settings_.users));
  return &*loaded_;
}

absl::StatusOr<std::string> Stage::LastToken() {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, Loaded());
  // A write of its own is the one way to learn the writer's position.
  const auto stub = v1::UserCommandService::NewStub(roster_.command_channel());
  v1::UpdateUserRequest request;
  request.mutable_user()->set_user_id(loaded->user_ids.front());
  request.mutable_user()->set_display_name("Last of All");
  request.mutable_update_mask()->add_paths("display_name");
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  v1::UpdateUserResponse response;
  ROSTER_RETURN_IF_ERROR(client::ToStatus(stub->UpdateUser(&context, request, &response)));
  return response.consistency_token();
}

absl::Status Stage::AwaitFolded(const std::string& token) const {
  ROSTER_ASSIGN_OR_RETURN(const Position wanted, DecodeConsistencyToken(token));
  read_model::Reader reader{read_model::Folder(roster_.read_model())};
  const auto reached = [&] {
    const auto snapshot = reader.Begin();
    return snapshot.ok() && snapshot->head().fresh_as_of && snapshot->head().position.Reaches(wanted);
  };
  if (test::Eventually(reached, kLongestFold)) return absl::OkStatus();
  return absl::DeadlineExceededError("the projector does not get to the end of the log");
}

absl::StatusOr<const LoadedUsers*> Stage::Readable() {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, Loaded());
  if (!projector_runs_) {
    ROSTER_ASSIGN_OR_RETURN(const std::string token, LastToken());
    StartProjector();
    ROSTER_RETURN_IF_ERROR(AwaitFolded(token));
  }
  if (!queries_run_) {
    roster_.StartQueryService();
    queries_run_ = true;
    if (!roster_.WaitUntilServing()) return absl::UnavailableError("the services do not serve");
  }
  return loaded;
}

void Stage::StartProjector() {
  roster_.StartProjector();
  projector_runs_ = true;
}

absl::Status Stage::StopProjector() {
  if (!projector_runs_) return absl::OkStatus();
  projector_runs_ = false;
  return Stop(roster_.projector());
}

absl::Status Stage::StopReads() {
  if (queries_run_) {
    queries_run_ = false;
    ROSTER_RETURN_IF_ERROR(Stop(roster_.query_service()));
  }
  return StopProjector();
}

absl::StatusOr<std::string> Stage::ReadModelFile() const {
  const read_model::Folder folder(roster_.read_model());
  ROSTER_ASSIGN_OR_RETURN(const auto generation, folder.CurrentGeneration());
  if (!generation) return absl::NotFoundError("there is no read model");
  return folder.DatabasePath(*generation);
}

absl::StatusOr<Figure> Stage::Measure(const Measurement& measured, const std::vector<Measurement>& ceilings,
                                      WarmUp warm_up) {
  Say(measured.name);
  ROSTER_ASSIGN_OR_RETURN(Figure figure, MeasureFigure(settings_, measured, ceilings, warm_up));
  figures_.push_back(figure);
  return figure;
}

absl::Status Stage::MeasureLatencies(const Measurement& measured, const std::vector<Measurement>& ceilings) {
  Say(measured.name);
  ROSTER_ASSIGN_OR_RETURN(const Figure figure, MeasureFigure(settings_, measured, ceilings));
  std::vector<std::string> beside;
  for (const Measurement& ceiling : ceilings) beside.push_back(ceiling.name);
  Add(LatencyFigure(figure, absl::StrCat(measured.name, ", p50"), &Sample::p50_ms, beside));
  Add(LatencyFigure(figure, absl::StrCat(measured.name, ", p99"), &Sample::p99_ms, beside));
  return absl::OkStatus();
}

}  // namespace roster::bench
