#include "tests/chaos/chaos_run.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/consistency_token.h"
#include "base/error.h"
#include "clients/cpp/command_client.h"
#include "clients/cpp/query_client.h"
#include "command-service/dirty_marker.h"
#include "command-service/write_model.h"
#include "tests/chaos/callers.h"
#include "tests/chaos/deployment.h"
#include "tests/chaos/disruptions.h"
#include "tests/chaos/watchers.h"

namespace roster::test::chaos {
namespace {

constexpr int kWatchers = 2;
// For everything to come back once all is mended.
constexpr absl::Duration kRecovery = absl::Minutes(3);

class ChaosRun {
 public:
  explicit ChaosRun(const ChaosOptions& options)
      : options_(options),
        recorder_(RecordPath(options.folder)),
        deployment_(options.log_kind, options.folder),
        watchers_(kWatchers, deployment_.QueryAddresses(), recorder_),
        callers_(options.callers, options.seed, deployment_.CommandAddresses(), deployment_.QueryAddresses(),
                 recorder_) {}

  absl::Status Run() {
    LetThingsGoWrong();
    if (options_.log_kind == LogKind::kKafka) deployment_.cluster()->AwaitAll();
    if (!deployment_.WaitUntilServing(kRecovery)) return absl::InternalError("the services do not serve again");
    callers_.Stop();
    ROSTER_ASSIGN_OR_RETURN(const std::string token, WriteLast());
    ROSTER_RETURN_IF_ERROR(RecordReadModels(token));
    const auto events = RecordLog();
    if (!Eventually([&] { return watchers_.HaveSeen(FoldUsers(events)); }, kRecovery))
      std::printf("the watches have not seen all last states\n");
    watchers_.Stop();
    ROSTER_RETURN_IF_ERROR(StopPrograms());
    ROSTER_RETURN_IF_ERROR(RecordWriteModels(events));
    recorder_.Flush();
    return absl::OkStatus();
  }

 private:
  struct Ongoing {
    absl::Time ends_at;
    std::function<void()> end;
    Disturbance disturbance;
  };

  void LetThingsGoWrong() {
    std::vector<Disruption> disruptions = AllDisruptions(options_.log_kind);
    std::erase_if(disruptions,
                  [this](const Disruption& disruption) { return !absl::StrContains(disruption.name, options_.only); });
    const std::vector<Scheduled> schedule = MakeSchedule(disruptions, options_.seed, options_.length);
    const absl::Time start = absl::Now();
    for (const Scheduled& scheduled : schedule) {
      WaitUntil(start + scheduled.at);
      if (options_.interrupted()) break;
      Begin(disruptions[scheduled.disruption], scheduled);
    }
    WaitUntil(start + options_.length);
    while (!ongoing_.empty()) EndFirst();
  }

  void Begin(const Disruption& disruption, const Scheduled& scheduled) {
    Ongoing ongoing;
    ongoing.disturbance.set_name(disruption.name);
    ongoing.disturbance.set_began_us(recorder_.NowUs());
    Random random(scheduled.seed);
    ongoing.end = disruption.begin(deployment_, random, *ongoing.disturbance.mutable_target());
    ongoing.ends_at = absl::Now() + scheduled.lasts;
    std::printf("%7.1f s  %s: %s, for %.1f s\n", static_cast<double>(ongoing.disturbance.began_us()) / 1e6,
                disruption.name.c_str(), ongoing.disturbance.target().c_str(), absl::ToDoubleSeconds(scheduled.lasts));
    std::fflush(stdout);
    ongoing_.push_back(std::move(ongoing));
    std::sort(ongoing_.begin(), ongoing_.end(),
              [](const Ongoing& a, const Ongoing& b) { return a.ends_at < b.ends_at; });
  }

  void EndFirst() {
    Ongoing first = std::move(ongoing_.front());
    ongoing_.erase(ongoing_.begin());
    first.end();
    first.disturbance.set_ended_us(recorder_.NowUs());
    RunEntry entry;
    *entry.mutable_disturbance() = std::move(first.disturbance);
    recorder_.Add(entry);
  }

  // Meanwhile ends what is to end, and supervises.
  void WaitUntil(absl::Time time) {
    while (absl::Now() < time && !options_.interrupted()) {
      if (!ongoing_.empty() && ongoing_.front().ends_at <= absl::Now()) EndFirst();
      deployment_.Supervise();
      absl::SleepFor(std::min(absl::Milliseconds(20), time - absl::Now()));
    }
  }

  // One more command, whose token covers all that was recorded before it.
  absl::StatusOr<std::string> WriteLast() {
    client::Endpoints endpoints("command service", deployment_.CommandAddresses(), grpc::InsecureChannelCredentials());
    v1::SignUpUserRequest request;
    request.set_email("last@example.com");
    ROSTER_ASSIGN_OR_RETURN(const v1::SignUpUserResponse response,
                            client::CommandClient(endpoints, {.timeout = kRecovery}).SignUpUser(request));
    return response.consistency_token();
  }

  absl::Status RecordReadModels(const std::string& token) {
    for (size_t i = 0; i < deployment_.replicas().size(); ++i) {
      client::Endpoints endpoints("query service", {deployment_.QueryAddresses()[i]},
                                  grpc::InsecureChannelCredentials());
      v1::ListUsersRequest request;
      request.set_show_deleted(true);
      request.set_read_after(token);
      RunEntry entry;
      FinalReadModel& read_model = *entry.mutable_final_read_model();
      read_model.set_name(absl::StrCat("the read model of replica ", i));
      ROSTER_RETURN_IF_ERROR(client::QueryClient(endpoints, {.timeout = kRecovery})
                                 .ListUsers(request, [&](const v1::ListUsersResponse& page) {
                                   read_model.mutable_users()->MergeFrom(page.users());
                                   return absl::OkStatus();
                                 }));
      recorder_.Add(entry);
    }
    return absl::OkStatus();
  }

  std::vector<LoggedEvent> RecordLog() {
    const auto log = deployment_.OpenLog();
    RunEntry entry;
    entry.set_log_id(log->ReadIdentity().value()->log_id);
    recorder_.Add(entry);
    std::vector<LoggedEvent> events = ReadEvents(*log);
    for (const LoggedEvent& logged : events) {
      FinalEvent& last = *entry.mutable_final_event();
      *last.mutable_event() = logged.event;
      last.set_partition(logged.location.partition);
      last.set_offset(logged.location.offset);
      recorder_.Add(entry);
    }
    return events;
  }

  absl::Status StopPrograms() {
    absl::Status result;
    for (Program* program : deployment_.Programs()) {
      const int exit_code = program->Terminate();
      if (program->unasked_ends() > 0)
        std::printf("%s ended %d times by itself\n", program->name().c_str(), program->unasked_ends());
      if (exit_code != 0)
        result.Update(absl::InternalError(absl::StrCat(program->name(), " ended with exit code ", exit_code)));
    }
    return result;
  }

  absl::Status RecordWriteModels(const std::vector<LoggedEvent>& events) {
    for (const auto& service : deployment_.command_services()) {
      ROSTER_ASSIGN_OR_RETURN(const auto model, command::WriteModel::Open(service->write_model, command::BootId()));
      RunEntry entry;
      FinalWriteModel& write_model = *entry.mutable_final_write_model();
      write_model.set_name("the write model of " + service->program->name());
      write_model.set_consistency_token(EncodeConsistencyToken(model->checkpoint().position));
      for (const auto& [user_id, user] : FoldUsers(events)) {
        ROSTER_ASSIGN_OR_RETURN(const auto found, model->FindUser(user_id));
        if (found) *write_model.add_users() = *found;
      }
      ROSTER_RETURN_IF_ERROR(model->Close());
      recorder_.Add(entry);
    }
    return absl::OkStatus();
  }

  const ChaosOptions& options_;
  Recorder recorder_;
  Deployment deployment_;
  Watchers watchers_;
  Callers callers_;
  // By their end.
  std::vector<Ongoing> ongoing_;
};

}  // namespace

std::string RecordPath(const std::string& folder) { return folder + "/record"; }

absl::Status RunChaos(const ChaosOptions& options) {
  std::filesystem::create_directories(options.folder);
  return ChaosRun(options).Run();
}

}  // namespace roster::test::chaos
