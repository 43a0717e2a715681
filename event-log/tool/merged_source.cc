#include "event-log/tool/merged_source.h"

#include <variant>

#include "base/error.h"
#include "user-event/sort_record.h"

namespace roster::event_log::tool {

absl::Status MergedSource::Look(size_t partition) {
  PartitionHead& head = heads_[partition];
  if (head.record != nullptr) return absl::OkStatus();
  ROSTER_ASSIGN_OR_RETURN(head.record, streams_[partition]->Head());
  // One partition alone is in order, and parsing takes longer than all the rest.
  if (head.record == nullptr || streams_.size() == 1) return absl::OkStatus();
  const user_event::SortedRecord sorted = user_event::SortRecord(ViewOf(*head.record, headers_));
  if (const auto* event = std::get_if<v1::UserEvent>(&sorted)) head.sequence = event->sequence();
  return absl::OkStatus();
}

absl::StatusOr<const StoredRecord*> MergedSource::Head() {
  const PartitionHead* first = nullptr;
  for (size_t i = 0; i < streams_.size(); ++i) {
    ROSTER_RETURN_IF_ERROR(Look(i));
    const PartitionHead& head = heads_[i];
    if (head.record == nullptr || (first != nullptr && first->sequence <= head.sequence)) continue;
    first = &head;
    next_ = i;
  }
  return first == nullptr ? nullptr : first->record;
}

void MergedSource::Pop() {
  streams_[next_]->Pop();
  heads_[next_].record = nullptr;
}

}  // namespace roster::event_log::tool
