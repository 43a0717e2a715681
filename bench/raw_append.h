#ifndef ROSTER_BENCH_RAW_APPEND_H_
#define ROSTER_BENCH_RAW_APPEND_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace roster::bench {

// How often a second `bytes` can be appended to a new file at `path` and made durable by fdatasync, one after another:
// the ceiling of durable commands at 1 in flight.
absl::StatusOr<double> RawAppendsPerSecond(const std::string& path, int bytes, absl::Duration duration);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_RAW_APPEND_H_
