#ifndef ROSTER_BENCH_LOAD_PROCESS_USAGE_H_
#define ROSTER_BENCH_LOAD_PROCESS_USAGE_H_

#include <sys/types.h>

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace roster::bench {

// The time that all threads of a process have had a processor, to the nanosecond.
absl::StatusOr<absl::Duration> CpuTimeOf(pid_t process);

// Memory of its own that a process has in RAM: what it has allocated, SQLite's caches included, without the files that
// it has mapped.
absl::StatusOr<int64_t> AnonymousBytesOf(pid_t process);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_PROCESS_USAGE_H_
