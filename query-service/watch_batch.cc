#include "query-service/watch_batch.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/error.h"
#include "query-service/raw_message.h"
#include "query-service/read_after.h"
#include "roster/v1/user_query_service.pb.h"
#include "rpc-server/error_reason.h"

namespace roster::query_service {
namespace {

using Message = v1::WatchUsersResponse;

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

// The users of a message, within its limits.
class UsersOfMessage {
 public:
  // So much may be added, to be shared among `partitions`: a busy one never keeps the others waiting.
  struct Share {
    int users;
    size_t bytes;
  };
  Share ShareOf(size_t partitions) const {
    const size_t users = kMaxWatchUsers - users_;
    return {.users = static_cast<int>((users + partitions - 1) / partitions),
            .bytes = bytes_ + (kMaxWatchBytes - std::min(bytes_, kMaxWatchBytes)) / partitions};
  }

  // False where there is no room for the user.
  bool Add(absl::string_view user) {
    const bool full = users_ == kMaxWatchUsers || bytes_ + user.size() > kMaxWatchBytes;
    if (full && users_ > 0) return false;
    message_.Bytes(Message::kUsersFieldNumber, user);
    ++users_;
    bytes_ += user.size();
    return true;
  }

  int users() const { return users_; }
  size_t bytes() const { return bytes_; }

  void PutInto(WatchBatch& batch) {
    batch.users = users_;
    if (users_ == 0) return;
    message_.Bytes(Message::kResumeTokenFieldNumber, EncodeResumeToken(batch.end));
    batch.message = message_.Take();
  }

 private:
  RawMessage message_;
  int users_ = 0;
  size_t bytes_ = 0;
};

absl::Status ReadListing(read_model::Snapshot& snapshot, UsersOfMessage& users, WatchBatch& batch) {
  read_model::UserScan live{.order = read_model::UserOrder::kUserId, .with_user_ids = true};
  live.statuses.Add(v1::USER_STATUS_ACTIVE);
  live.statuses.Add(v1::USER_STATUS_INACTIVE);
  const read_model::UserKey from{.user_id = batch.end.next_user_id};
  ROSTER_ASSIGN_OR_RETURN(std::optional<read_model::UserKey> next,
                          snapshot.ScanUsers(live, from, kMaxExamined,
                                             [&](const read_model::UserRow& row) { return users.Add(row.user); }));
  batch.more = next.has_value();
  batch.end.listing = batch.more;
  batch.end.next_user_id = next ? std::move(next->user_id) : "";
  return absl::OkStatus();
}

// Changes of one partition before `limit`, each user once, at their last change.
absl::Status ReadPartition(read_model::Snapshot& snapshot, int32_t partition, int64_t limit,
                           const UsersOfMessage::Share& share, UsersOfMessage& users, WatchBatch& batch) {
  int64_t& next_offset = batch.end.position.next_offsets[partition];
  if (next_offset >= limit) return absl::OkStatus();
  ROSTER_ASSIGN_OR_RETURN(std::vector<read_model::Change> changes,
                          snapshot.ReadChanges(partition, next_offset, share.users));
  const bool all = static_cast<int>(changes.size()) < share.users;
  const auto behind = [limit](const read_model::Change& change) { return change.offset >= limit; };
  const auto end = std::find_if(changes.begin(), changes.end(), behind);
  const bool up_to_limit = all || end != changes.end();
  changes.erase(end, changes.end());
  absl::flat_hash_map<int64_t, int64_t> last_offsets;
  for (const read_model::Change& change : changes) last_offsets[change.user_row] = change.offset;
  bool first = true;
  for (const read_model::Change& change : changes) {
    if (last_offsets[change.user_row] == change.offset) {
      ROSTER_ASSIGN_OR_RETURN(const std::optional<read_model::UserRow> row, snapshot.FindUserByRow(change.user_row));
      if (!row) return absl::DataLossError("a change names a user that is not there");
      const bool beyond_share = !first && users.bytes() + row->user.size() > share.bytes;
      if (beyond_share || !users.Add(row->user)) {
        batch.more = true;
        return absl::OkStatus();
      }
      first = false;
    }
    next_offset = change.offset + 1;
  }
  if (up_to_limit) {
    // Records behind the last change changed no user.
    next_offset = limit;
  } else {
    batch.more = true;
  }
  return absl::OkStatus();
}

absl::Status ReadFollowing(read_model::Snapshot& snapshot, const Position& limit, UsersOfMessage& users,
                           WatchBatch& batch) {
  const std::vector<int64_t>& head = snapshot.head().position.next_offsets;
  const size_t partitions = batch.end.position.next_offsets.size();
  for (size_t i = 0; i < partitions; ++i) {
    const int64_t up_to = limit.empty() ? head[i] : std::min(head[i], limit.next_offsets[i]);
    ROSTER_RETURN_IF_ERROR(
        ReadPartition(snapshot, static_cast<int32_t>(i), up_to, users.ShareOf(partitions - i), users, batch));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<WatchBatch> ReadWatchBatch(read_model::Snapshot& snapshot, const WatchPlace& place,
                                          const Position& limit) {
  const read_model::Head& head = snapshot.head();
  WatchBatch batch{.end = place, .fresh_as_of = head.fresh_as_of.value_or(absl::InfinitePast())};
  ROSTER_RETURN_IF_ERROR(CheckSameLog(head, place.position));
  if (!head.position.Reaches(place.position)) return batch;
  if (batch.end.position.empty() && !head.position.empty()) {
    batch.end.position = StartOf(head.position.log_id, static_cast<int>(head.position.next_offsets.size()));
  }
  ROSTER_RETURN_IF_ERROR(CheckHorizon(head, batch.end));
  UsersOfMessage users;
  if (place.listing) {
    ROSTER_RETURN_IF_ERROR(ReadListing(snapshot, users, batch));
  } else {
    ROSTER_RETURN_IF_ERROR(ReadFollowing(snapshot, limit, users, batch));
  }
  users.PutInto(batch);
  return batch;
}

}  // namespace roster::query_service
