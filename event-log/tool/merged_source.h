#ifndef ROSTER_EVENT_LOG_TOOL_MERGED_SOURCE_H_
#define ROSTER_EVENT_LOG_TOOL_MERGED_SOURCE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "event-log/tool/log_matcher.h"

namespace roster::event_log::tool {

// The records of several partitions in the order of their events' sequence, which is the order in which they were
// written. A record that is no event follows the one before it on its partition.
//
// Thread safety: one thread.
class MergedSource {
 public:
  // Goes on where `streams` stand; they must outlive it.
  explicit MergedSource(const PartitionStreams& streams) : streams_(streams), heads_(streams.size()) {}

  // The next record, to be taken by Pop; null at the end.
  absl::StatusOr<const StoredRecord*> Head();
  void Pop();

 private:
  struct PartitionHead {
    const StoredRecord* record = nullptr;
    int64_t sequence = 0;
  };
  absl::Status Look(size_t partition);

  const PartitionStreams& streams_;
  std::vector<PartitionHead> heads_;
  size_t next_ = 0;
  std::vector<HeaderView> headers_;
};

}  // namespace roster::event_log::tool

#endif  // ROSTER_EVENT_LOG_TOOL_MERGED_SOURCE_H_
