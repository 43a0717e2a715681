#include "bench/reads.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/empty_server_process.h"
#include "bench/list_users.h"
#include "bench/load_generator.h"
#include "bench/raw_scan.h"
#include "read-model/folder.h"
#include "roster/v1/user_query_service.grpc.pb.h"

namespace roster::bench {
namespace {

using Gets = LoadGenerator<v1::GetUserRequest, v1::GetUserResponse>;

// Gets users at random, in the same order in each run. `loaded` must outlive it.
Gets GetsAt(const std::shared_ptr<grpc::Channel>& channel, const LoadedUsers& loaded) {
  std::shared_ptr<v1::UserQueryService::Stub> stub = v1::UserQueryService::NewStub(channel);
  return Gets([stub](grpc::ClientContext* context, const v1::GetUserRequest& request,
                     grpc::CompletionQueue* queue) { return stub->AsyncGetUser(context, request, queue); },
              [&ids = loaded.user_ids, random = std::mt19937_64(),
               pick = std::uniform_int_distribution<size_t>(0, loaded.user_ids.size() - 1)](
                  v1::GetUserRequest& request) mutable { request.set_user_id(ids[pick(random)]); });
}

absl::Status MeasureGets(const Settings& settings, test::RosterProcesses& roster, const LoadedUsers& loaded,
                         std::vector<Figure>& figures) {
  ROSTER_ASSIGN_OR_RETURN(const EmptyServerProcess empty, EmptyServerProcess::Start("query", roster.File("empty")));
  Gets gets = GetsAt(roster.query_channel(), loaded);
  Gets empty_calls = GetsAt(empty.channel(), loaded);
  for (const int in_flight : {64, 256}) {
    ROSTER_ASSIGN_OR_RETURN(
        Figure figure,
        MeasureFigure(settings,
                      {absl::StrCat("GetUser, ", in_flight, " in flight"),
                       [&](absl::Duration duration) { return gets.Run(in_flight, duration); }},
                      {{"empty RPC", [&](absl::Duration duration) { return empty_calls.Run(in_flight, duration); }}}));
    figures.push_back(std::move(figure));
  }
  return absl::OkStatus();
}

// `read_all` again and again, whole ones, until `duration` has passed.
absl::StatusOr<Rate> UsersPerSecond(int64_t users, const std::function<absl::Status()>& read_all,
                                    absl::Duration duration) {
  const absl::Time begin = absl::Now();
  int64_t read = 0;
  do {
    ROSTER_RETURN_IF_ERROR(read_all());
    read += users;
  } while (absl::Now() < begin + duration);
  return Rate{static_cast<double>(read) / absl::ToDoubleSeconds(absl::Now() - begin), {}, {}};
}

absl::Status MeasureLists(const Settings& settings, test::RosterProcesses& roster, const LoadedUsers& loaded,
                          std::vector<Figure>& figures) {
  const auto users = static_cast<int64_t>(loaded.user_ids.size());
  const read_model::Folder folder(roster.read_model());
  ROSTER_ASSIGN_OR_RETURN(const auto generation, folder.CurrentGeneration());
  if (!generation) return absl::NotFoundError("there is no read model");
  const std::string database = folder.DatabasePath(*generation);
  const auto channel = roster.query_channel();

  ROSTER_ASSIGN_OR_RETURN(const int64_t listed, CountListedUsers(channel));
  if (listed != users) return absl::InternalError(absl::StrCat("listed ", listed, " users of ", users));
  const auto scan = [&]() -> absl::Status {
    ROSTER_ASSIGN_OR_RETURN(const RowsRead read, ScanUsersRaw(database));
    if (read.rows != users) return absl::InternalError(absl::StrCat("scanned ", read.rows, " users of ", users));
    return absl::OkStatus();
  };
  for (const int page_size : {256, 1000}) {
    const auto list = [&] { return ListUsersBytes(channel, page_size).status(); };
    ROSTER_ASSIGN_OR_RETURN(
        Figure figure,
        MeasureFigure(
            settings,
            {absl::StrCat("ListUsers, users, ", page_size, " a page"),
             [&](absl::Duration duration) { return UsersPerSecond(users, list, duration); }},
            {{"SQLite scan", [&](absl::Duration duration) { return UsersPerSecond(users, scan, duration); }}}));
    figures.push_back(std::move(figure));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MeasureReads(const Settings& settings, test::RosterProcesses& roster, const LoadedUsers& loaded,
                          std::vector<Figure>& figures) {
  ROSTER_RETURN_IF_ERROR(MeasureGets(settings, roster, loaded, figures));
  return MeasureLists(settings, roster, loaded, figures);
}

}  // namespace roster::bench
