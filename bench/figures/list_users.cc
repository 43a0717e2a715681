#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/ceilings/empty_server_process.h"
#include "bench/ceilings/raw_scan.h"
#include "bench/figures/figures.h"
#include "bench/load/list_users_client.h"

namespace roster::bench {
namespace {

// What reads `users` users once.
using ReadAll = std::function<absl::Status()>;

absl::Status Expect(int64_t users, int64_t read) {
  if (read == users) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("read ", read, " users of ", users));
}

// Again and again, whole ones, until the time has passed.
Measurement UsersPerSecond(const std::string& name, int64_t users, const ReadAll& read_all) {
  return {name, [users, read_all](absl::Duration duration) -> absl::StatusOr<Sample> {
            const absl::Time begin = absl::Now();
            int64_t read = 0;
            do {
              ROSTER_RETURN_IF_ERROR(read_all());
              read += users;
            } while (absl::Now() < begin + duration);
            return Sample{static_cast<double>(read) / absl::ToDoubleSeconds(absl::Now() - begin)};
          }};
}

ReadAll CountingBytes(const std::shared_ptr<grpc::Channel>& channel, int page_size, int64_t users) {
  return [=] { return ListUsersBytes(channel, page_size, users).status(); };
}

ReadAll Decoding(const std::shared_ptr<grpc::Channel>& channel, int page_size, int64_t users) {
  return [=]() -> absl::Status {
    ROSTER_ASSIGN_OR_RETURN(const int64_t listed, ListUsersDecoded(channel, page_size, users));
    return Expect(users, listed);
  };
}

ReadAll Scanning(const std::string& database, int64_t users) {
  return [=]() -> absl::Status {
    ROSTER_ASSIGN_OR_RETURN(const RowsRead read, ScanUsersRaw(database));
    return Expect(users, read.rows);
  };
}

}  // namespace

absl::Status MeasureListUsers(Stage& stage) {
  ROSTER_ASSIGN_OR_RETURN(const LoadedUsers* loaded, stage.Readable());
  ROSTER_ASSIGN_OR_RETURN(const EmptyServerProcess empty,
                          EmptyServerProcess::Start("query", stage.roster().File("empty")));
  ROSTER_ASSIGN_OR_RETURN(const std::string database, stage.ReadModelFile());
  const auto users = static_cast<int64_t>(loaded->user_ids.size());
  const auto channel = stage.roster().query_channel();
  for (const int page_size : {256, 1000}) {
    ROSTER_RETURN_IF_ERROR(
        stage
            .Measure(UsersPerSecond(absl::StrCat("ListUsers, users, ", page_size, " a page"), users,
                                    CountingBytes(channel, page_size, users)),
                     {UsersPerSecond("SQLite scan", users, Scanning(database, users)),
                      UsersPerSecond("constant pages", users, CountingBytes(empty.channel(), page_size, users))})
            .status());
  }
  constexpr int kPageSize = 256;
  return stage
      .Measure(UsersPerSecond(absl::StrCat("ListUsers, users decoded, ", kPageSize, " a page"), users,
                              Decoding(channel, kPageSize, users)),
               {UsersPerSecond("constant pages", users, Decoding(empty.channel(), kPageSize, users))})
      .status();
}

}  // namespace roster::bench
