#include "query-service/watch_feed.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace roster::query_service {

WatchFeed::SharedBatch WatchFeed::Find(const WatchPlace& place, int64_t from_number) {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.from == place; });
  if (found == entries_.end() || found->batch->number < from_number) return nullptr;
  entries_.splice(entries_.begin(), entries_, found);
  return found->batch;
}

absl::StatusOr<WatchFeed::SharedBatch> WatchFeed::Read(read_model::Snapshot& snapshot, const WatchPlace& place) {
  const Position limit = IsBehind(place) ? newest_.position : Position();
  ROSTER_ASSIGN_OR_RETURN(WatchBatch batch, ReadWatchBatch(snapshot, place, limit));
  // Nobody changed up to there. The watch would wait now, but there may be more behind it.
  if (batch.users == 0 && !limit.empty()) {
    ROSTER_ASSIGN_OR_RETURN(batch, ReadWatchBatch(snapshot, batch.end));
  }
  const auto shared = std::make_shared<const NumberedBatch>(NumberedBatch{++last_number_, std::move(batch)});
  const WatchPlace& end = shared->batch.end;
  if (place.listing || place.position.empty() || shared->batch.users == 0) return shared;
  entries_.remove_if([&](const Entry& entry) { return entry.from == place; });
  entries_.push_front({place, shared});
  if (entries_.size() > kMaxBatches) entries_.pop_back();
  // The newest one may be of another log, or of a time before a redriven dead letter: then it is of no use any more.
  if (!IsBehind(end)) newest_ = end;
  return shared;
}

bool WatchFeed::IsBehind(const WatchPlace& place) const {
  return !place.listing && !place.position.empty() && place.older_applied_at_us == newest_.older_applied_at_us &&
         newest_.position != place.position && newest_.position.Reaches(place.position);
}

}  // namespace roster::query_service
