#ifndef ROSTER_BENCH_LOAD_COMMANDS_H_
#define ROSTER_BENCH_LOAD_COMMANDS_H_

#include <memory>

#include "bench/load/load_users.h"
#include "bench/load/unary_load.h"
#include "bench/stage.h"
#include "roster/v1/user_command_service.grpc.pb.h"

namespace roster::bench {

using SignUps = UnaryLoad<v1::SignUpUserRequest, v1::SignUpUserResponse>;
using Updates = UnaryLoad<v1::UpdateUserRequest, v1::UpdateUserResponse>;

// Signs up a new person with each call. `stage` must outlive it.
SignUps SignUpsAt(const std::shared_ptr<grpc::Channel>& channel, Stage& stage);

// Gives users who are picked evenly another name. `loaded` must outlive it.
Updates UpdatesAt(const std::shared_ptr<grpc::Channel>& channel, const LoadedUsers& loaded);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_COMMANDS_H_
