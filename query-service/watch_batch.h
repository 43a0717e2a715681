#ifndef ROSTER_QUERY_SERVICE_WATCH_BATCH_H_
#define ROSTER_QUERY_SERVICE_WATCH_BATCH_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/position.h"
#include "grpcpp/support/byte_buffer.h"
#include "query-service/resume_token.h"
#include "read-model/reader.h"

namespace roster::query_service {

// What a message of a watch holds at most: so many users, and so many bytes of them, or one user who is larger.
inline constexpr int kMaxWatchUsers = 256;
inline constexpr size_t kMaxWatchBytes = 256 << 10;

// What comes next in a watch, read from one snapshot.
struct WatchBatch {
  // How many users `message` has. Of several changes of a user it has the last only.
  int users = 0;
  // A WatchUsersResponse with them and the resume token of `end`; not valid without users. Copies share its bytes.
  grpc::ByteBuffer message;
  // The place after all of them.
  WatchPlace end;
  // Whether it ends before what was asked for, because it is full.
  bool more = false;
  // The snapshot held every event recorded before this time.
  absl::Time fresh_as_of;
};

// Reads on from `place`: while following, up to `limit`, or the snapshot's end where that comes first or the limit is
// empty. A `limit` is of the same log as the place. FOREIGN_TOKEN, RESUME_TOKEN_TOO_OLD. Without users, with the place
// as it was, where the snapshot has not reached it yet.
absl::StatusOr<WatchBatch> ReadWatchBatch(read_model::Snapshot& snapshot, const WatchPlace& place,
                                          const Position& limit = {});

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_WATCH_BATCH_H_
