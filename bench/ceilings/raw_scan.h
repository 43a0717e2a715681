#ifndef ROSTER_BENCH_CEILINGS_RAW_SCAN_H_
#define ROSTER_BENCH_CEILINGS_RAW_SCAN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace roster::bench {

// What was read.
struct RowsRead {
  int64_t rows = 0;
  int64_t bytes = 0;
};

// Reads the stored bytes of every user of a read-model file in the order of the file, in this thread: the ceiling of
// ListUsers. `database_path` may be in use.
absl::StatusOr<RowsRead> ScanUsersRaw(const std::string& database_path);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_RAW_SCAN_H_
