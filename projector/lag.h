#ifndef ROSTER_PROJECTOR_LAG_H_
#define ROSTER_PROJECTOR_LAG_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/position.h"
#include "event-log/event_log.h"

namespace roster::projector {

// What one partition of a log has that is not folded yet.
struct PartitionLag {
  int64_t records = 0;
  // When the first event among them was recorded; absent where there is none.
  std::optional<absl::Time> oldest;
};

struct Lag {
  std::vector<PartitionLag> partitions;
  // Whether the log's end was reached; else there is more than was counted.
  bool complete = false;
};

// Counts what a log has from `from` on by reading it: exact, while offsets would count commit markers too. Looks at no
// more than about `max_records`, and no longer than `max_time`. UNAVAILABLE: nothing could be read in that time.
absl::StatusOr<Lag> MeasureLag(event_log::EventLog& log, const Checkpoint& from, int64_t max_records,
                               absl::Duration max_time);

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_LAG_H_
