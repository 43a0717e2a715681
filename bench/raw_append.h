#ifndef ROSTER_BENCH_RAW_APPEND_H_
#define ROSTER_BENCH_RAW_APPEND_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace roster::bench {

// Ceilings of durable commands at 1 in flight: how often a second `bytes` can be written to a new file at `path`, which
// is removed afterwards, and made durable by fdatasync, one write after another.

// The file grows with each write, so that fdatasync writes its new size as well.
absl::StatusOr<double> AppendsPerSecond(const std::string& path, int bytes, absl::Duration duration);

// The file is there in full length and is written over from the front, again and again: what SQLite's write-ahead log
// becomes after its first checkpoint.
absl::StatusOr<double> OverwritesPerSecond(const std::string& path, int bytes, absl::Duration duration);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_RAW_APPEND_H_
