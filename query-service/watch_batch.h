#ifndef ROSTER_QUERY_SERVICE_WATCH_BATCH_H_
#define ROSTER_QUERY_SERVICE_WATCH_BATCH_H_

#include <deque>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "query-service/resume_token.h"
#include "read-model/reader.h"

namespace roster::query_service {

// A user to send, and where the watch is once they are sent.
struct WatchedUser {
  // The serialised roster.v1.User.
  std::string user;
  // While listing.
  std::string user_id;
  // While following: one past the change, in its partition.
  int32_t partition = 0;
  int64_t next_offset = 0;
};

// What comes next in a watch, read from one snapshot.
struct WatchBatch {
  // In the order to be sent in.
  std::deque<WatchedUser> users;
  // The place after all of them. Of several changes of a user the batch has the last only.
  WatchPlace end;
  // Whether there is more in this snapshot.
  bool more = false;
};

// Reads on from `place`. FOREIGN_TOKEN, RESUME_TOKEN_TOO_OLD. Empty, with the place as it was, where the snapshot has
// not reached it yet.
absl::StatusOr<WatchBatch> ReadWatchBatch(read_model::Snapshot& snapshot, const WatchPlace& place);

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_WATCH_BATCH_H_
