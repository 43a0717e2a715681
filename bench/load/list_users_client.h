#ifndef ROSTER_BENCH_LOAD_LIST_USERS_CLIENT_H_
#define ROSTER_BENCH_LOAD_LIST_USERS_CLIENT_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"

namespace roster::bench {

// Lists `users` users and counts the bytes of the messages, without decoding them: a client that decodes takes longer
// over a page than the service. The call must end OK.
absl::StatusOr<int64_t> ListUsersBytes(const std::shared_ptr<grpc::Channel>& channel, int page_size, int64_t users);

// The same, decoded: how many users came.
absl::StatusOr<int64_t> ListUsersDecoded(const std::shared_ptr<grpc::Channel>& channel, int page_size, int64_t users);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_LIST_USERS_CLIENT_H_
