#ifndef ROSTER_BENCH_LOAD_WATCH_MESSAGE_H_
#define ROSTER_BENCH_LOAD_WATCH_MESSAGE_H_

#include <vector>

#include "absl/time/time.h"
#include "grpcpp/support/byte_buffer.h"

namespace roster::bench {

// What a load generator wants to know of a WatchUsersResponse.
struct WatchMessage {
  bool synced = false;
  // Of each user.
  std::vector<absl::Time> update_times;
};

// Reads `bytes` without decoding the rest of it: a thousand watches of a thousand changes a second are a million users
// a second, and to decode them all takes a third of a core from the service that is measured on the same machine. False
// where they are no such message.
bool ReadWatchMessage(grpc::ByteBuffer& bytes, WatchMessage& message);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_WATCH_MESSAGE_H_
