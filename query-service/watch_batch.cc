#include "query-service/watch_batch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/error.h"
#include "query-service/read_after.h"
#include "roster/v1/user.pb.h"
#include "rpc-server/error_reason.h"

namespace roster::query_service {
namespace {

// Bounds what a watch keeps for a slow reader: so many users, and about so many bytes.
constexpr int kMaxUsers = 256;
constexpr size_t kMaxBytes = 256 << 10;
// Rows looked at in one turn of the worker.
constexpr int kMaxExamined = 4096;

absl::Status TooOld() {
  return rpc::ErrorWithReason(absl::StatusCode::kOutOfRange, v1::ERROR_REASON_RESUME_TOKEN_TOO_OLD,
                              "the changes since the resume token are no longer kept: watch again without a token");
}

// Whether changes are complete from `place` on.
absl::Status CheckHorizon(const read_model::Head& head, const WatchPlace& place) {
  for (size_t i = 0; i < place.position.next_offsets.size() && i < head.changes_from_offsets.size(); ++i) {
    if (place.position.next_offsets[i] < head.changes_from_offsets[i]) return TooOld();
  }
  return place.older_applied_at_us < head.older_applied_at_us ? TooOld() : absl::OkStatus();
}

absl::Status ReadListing(read_model::Snapshot& snapshot, WatchBatch& batch) {
  read_model::UserScan live{.order = read_model::UserOrder::kUserId, .with_user_ids = true};
  live.statuses.Add(v1::USER_STATUS_ACTIVE);
  live.statuses.Add(v1::USER_STATUS_INACTIVE);
  size_t bytes = 0;
  const auto take = [&](const read_model::UserRow& row) {
    if (batch.users.size() == kMaxUsers || bytes >= kMaxBytes) return false;
    bytes += row.user.size();
    batch.users.push_back({.user = std::string(row.user), .user_id = std::string(row.user_id)});
    return true;
  };
  const read_model::UserKey from{.user_id = batch.end.next_user_id};
  ROSTER_ASSIGN_OR_RETURN(std::optional<read_model::UserKey> next, snapshot.ScanUsers(live, from, kMaxExamined, take));
  batch.more = next.has_value();
  batch.end.listing = batch.more;
  batch.end.next_user_id = next ? std::move(next->user_id) : "";
  return absl::OkStatus();
}

// Changes of one partition, each user once, at their last change.
absl::Status ReadPartition(read_model::Snapshot& snapshot, int32_t partition, size_t& bytes, WatchBatch& batch) {
  int64_t& next_offset = batch.end.position.next_offsets[partition];
  const int64_t head_offset = snapshot.head().position.next_offsets[partition];
  if (next_offset >= head_offset) return absl::OkStatus();
  ROSTER_ASSIGN_OR_RETURN(const std::vector<read_model::Change> changes,
                          snapshot.ReadChanges(partition, next_offset, kMaxUsers));
  absl::flat_hash_map<int64_t, int64_t> last_offsets;
  for (const read_model::Change& change : changes) last_offsets[change.user_row] = change.offset;
  for (const read_model::Change& change : changes) {
    if (bytes >= kMaxBytes) {
      batch.more = true;
      return absl::OkStatus();
    }
    next_offset = change.offset + 1;
    if (last_offsets[change.user_row] != change.offset) continue;
    ROSTER_ASSIGN_OR_RETURN(const std::optional<read_model::UserRow> row, snapshot.FindUserByRow(change.user_row));
    if (!row) return absl::DataLossError("a change names a user that is not there");
    bytes += row->user.size();
    batch.users.push_back({.user = std::string(row->user), .partition = partition, .next_offset = next_offset});
  }
  if (changes.size() == kMaxUsers) {
    batch.more = true;
  } else {
    // Records behind the last change changed no user.
    next_offset = head_offset;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WatchBatch> ReadWatchBatch(read_model::Snapshot& snapshot, const WatchPlace& place) {
  const read_model::Head& head = snapshot.head();
  WatchBatch batch{.end = place};
  ROSTER_RETURN_IF_ERROR(CheckSameLog(head, place.position));
  if (!head.position.Reaches(place.position)) return batch;
  if (batch.end.position.empty() && !head.position.empty()) {
    batch.end.position = StartOf(head.position.log_id, static_cast<int>(head.position.next_offsets.size()));
  }
  ROSTER_RETURN_IF_ERROR(CheckHorizon(head, batch.end));
  if (place.listing) {
    ROSTER_RETURN_IF_ERROR(ReadListing(snapshot, batch));
    return batch;
  }
  size_t bytes = 0;
  for (size_t i = 0; i < batch.end.position.next_offsets.size(); ++i) {
    ROSTER_RETURN_IF_ERROR(ReadPartition(snapshot, static_cast<int32_t>(i), bytes, batch));
  }
  return batch;
}

}  // namespace roster::query_service
