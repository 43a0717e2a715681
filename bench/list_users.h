#ifndef ROSTER_BENCH_LIST_USERS_H_
#define ROSTER_BENCH_LIST_USERS_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"

namespace roster::bench {

// Lists all users and counts the bytes of the messages, without decoding them: a client that decodes takes longer over
// a page than the service. The call must end OK.
absl::StatusOr<int64_t> ListUsersBytes(const std::shared_ptr<grpc::Channel>& channel, int page_size);

// The same, decoded: how many users there are.
absl::StatusOr<int64_t> CountListedUsers(const std::shared_ptr<grpc::Channel>& channel);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LIST_USERS_H_
