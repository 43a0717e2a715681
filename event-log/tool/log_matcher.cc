#include "event-log/tool/log_matcher.h"

#include "base/error.h"

namespace roster::event_log::tool {
namespace {

constexpr int64_t kTellEvery = 1000;

// Takes what the next records of `target` have in common with those of the source; how many.
absl::StatusOr<int64_t> MatchPartition(const PartitionStreams& source, PartitionStream& target) {
  int64_t records = 0;
  for (bool found = true; found;) {
    ROSTER_ASSIGN_OR_RETURN(const StoredRecord* const copy, target.Head());
    found = false;
    if (copy == nullptr) break;
    for (const auto& partition : source) {
      ROSTER_ASSIGN_OR_RETURN(const StoredRecord* const original, partition->Head());
      if (original == nullptr || !SameContent(*original, *copy)) continue;
      partition->Pop();
      target.Pop();
      ++records;
      found = true;
      break;
    }
  }
  return records;
}

}  // namespace

absl::StatusOr<Match> MatchLogs(const PartitionStreams& source, const PartitionStreams& target,
                                const std::function<void(int64_t)>& on_progress) {
  Match match;
  int64_t told = 0;
  for (bool progress = true; progress;) {
    progress = false;
    for (const auto& partition : target) {
      ROSTER_ASSIGN_OR_RETURN(const int64_t records, MatchPartition(source, *partition));
      match.records += records;
      progress = progress || records > 0;
      if (match.records - told < kTellEvery) continue;
      told = match.records;
      on_progress(told);
    }
  }
  for (const auto& partition : target) {
    ROSTER_ASSIGN_OR_RETURN(const StoredRecord* const left, partition->Head());
    if (left == nullptr || match.foreign) continue;
    match.foreign = left->location;
  }
  return match;
}

}  // namespace roster::event_log::tool
