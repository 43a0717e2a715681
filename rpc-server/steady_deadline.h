#ifndef ROSTER_RPC_SERVER_STEADY_DEADLINE_H_
#define ROSTER_RPC_SERVER_STEADY_DEADLINE_H_

#include "absl/time/time.h"
#include "base/steady_time.h"
#include "grpc/support/time.h"

namespace roster::rpc {

// gRPC's deadlines are times of day unless told otherwise, and then a clock that is set moves them: by an hour, for an
// alarm that was to go off at once. abseil's time of day makes it likely, since it follows such a jump only
// after up to two seconds. So every deadline here goes by the clock that nobody sets, which is the same one for both.

// For gRPC, the moment at which SteadyNow() is `steady`; InfinitePast and InfiniteFuture too.
inline gpr_timespec SteadyDeadline(absl::Time steady) {
  if (steady == absl::InfiniteFuture()) return gpr_inf_future(GPR_CLOCK_MONOTONIC);
  if (steady <= absl::UnixEpoch()) return gpr_time_0(GPR_CLOCK_MONOTONIC);
  const timespec parts = absl::ToTimespec(steady);
  return {parts.tv_sec, static_cast<int32_t>(parts.tv_nsec), GPR_CLOCK_MONOTONIC};
}

// The other way, of a moment by GPR_CLOCK_MONOTONIC.
inline absl::Time SteadyTime(gpr_timespec monotonic) {
  if (gpr_time_cmp(monotonic, gpr_inf_future(GPR_CLOCK_MONOTONIC)) == 0) return absl::InfiniteFuture();
  return absl::UnixEpoch() + absl::Seconds(monotonic.tv_sec) + absl::Nanoseconds(monotonic.tv_nsec);
}

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_STEADY_DEADLINE_H_
