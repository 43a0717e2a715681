#include "bench/load/load_users.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/load/people.h"
#include "clients/cpp/import_users.h"
#include "grpcpp/grpcpp.h"

namespace roster::bench {
namespace {

constexpr int64_t kBatchRows = 500;

client::ImportBatch MakeBatch(int64_t first, int64_t rows) {
  client::ImportBatch batch;
  for (int64_t row = first; row < first + rows; ++row) {
    v1::SignUpUserRequest& sign_up = *batch.request.add_rows();
    sign_up.set_email(EmailOf(row));
    sign_up.set_display_name(DisplayNameOf(row));
    sign_up.set_request_id(absl::StrCat("load-", row));
    batch.row_numbers.push_back(row);
  }
  return batch;
}

}  // namespace

absl::StatusOr<LoadedUsers> LoadUsers(const std::string& command_address, int64_t users) {
  client::Endpoints endpoints("command service", {command_address}, grpc::InsecureChannelCredentials());
  LoadedUsers loaded;
  absl::Status refusal;
  int64_t next_row = 0;
  const auto next = [&]() -> absl::StatusOr<std::optional<client::ImportBatch>> {
    if (next_row == users) return std::nullopt;
    const int64_t rows = std::min(kBatchRows, users - next_row);
    client::ImportBatch batch = MakeBatch(next_row, rows);
    next_row += rows;
    return batch;
  };
  const auto on_answer = [&](const client::ImportBatch&, const v1::ImportUsersResponse& response) {
    for (const v1::ImportUsersResult& result : response.results()) {
      if (result.has_signed_up()) loaded.user_ids.push_back(result.signed_up().user().user_id());
      if (result.has_error() && refusal.ok()) refusal = absl::InternalError(result.error().message());
    }
    loaded.consistency_token = response.consistency_token();
  };
  client::ImportOptions options;
  options.call.timeout = absl::Seconds(60);
  const absl::Time begin = absl::Now();
  ROSTER_RETURN_IF_ERROR(client::ImportUsers(endpoints, options, next, on_answer));
  ROSTER_RETURN_IF_ERROR(refusal);
  loaded.rate = {static_cast<double>(users) / absl::ToDoubleSeconds(absl::Now() - begin)};
  return loaded;
}

}  // namespace roster::bench
