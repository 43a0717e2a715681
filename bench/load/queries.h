#ifndef ROSTER_BENCH_LOAD_QUERIES_H_
#define ROSTER_BENCH_LOAD_QUERIES_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "bench/load/load_users.h"
#include "bench/load/unary_load.h"
#include "roster/v1/user_query_service.grpc.pb.h"

namespace roster::bench {

// Picks 0 to `items` - 1, the same ones in each run.
using Pick = std::function<int64_t()>;
Pick PickEvenly(int64_t items);
// See zipf.h.
Pick PickByPopularity(int64_t items);

using Gets = UnaryLoad<v1::GetUserRequest, v1::GetUserResponse>;

// Gets users by id. `loaded` must outlive it.
Gets GetsAt(const std::shared_ptr<grpc::Channel>& channel, const LoadedUsers& loaded, Pick pick);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_QUERIES_H_
