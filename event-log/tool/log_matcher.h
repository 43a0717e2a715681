#ifndef ROSTER_EVENT_LOG_TOOL_LOG_MATCHER_H_
#define ROSTER_EVENT_LOG_TOOL_LOG_MATCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "event-log/tool/partition_stream.h"

namespace roster::event_log::tool {

using PartitionStreams = std::vector<std::unique_ptr<PartitionStream>>;

struct Match {
  // Records that both logs hold.
  int64_t records = 0;
  // The first record of the target, in the order of partitions, that is not the next one of any partition of the
  // source: the target is no copy. Absent where it is one, of the whole source or of its beginning.
  std::optional<RecordLocation> foreign;
};

// Takes from both sides, again and again, a record that is the next one of some partition of the source and of some
// partition of the target, until there is none. So each record of the target is compared with one of the source, bytes
// and headers, and within each partition of either the order is the same, however the keys are spread over them.
//
// Afterwards the streams of the source stand at the first records that the target does not hold. That is how a copy
// that was cut off finds where it was, and how a finished one is verified. `on_progress` is told the records so far.
absl::StatusOr<Match> MatchLogs(const PartitionStreams& source, const PartitionStreams& target,
                                const std::function<void(int64_t)>& on_progress);

}  // namespace roster::event_log::tool

#endif  // ROSTER_EVENT_LOG_TOOL_LOG_MATCHER_H_
