#include "projector/lag.h"

#include <algorithm>
#include <memory>
#include <variant>

#include "base/error.h"
#include "base/steady_time.h"
#include "user-event/occurred_at.h"
#include "user-event/sort_record.h"

namespace roster::projector {
namespace {

constexpr int kChunkRecords = 1000;

std::optional<absl::Time> RecordedAt(const event_log::RecordView& record) {
  const user_event::SortedRecord sorted = user_event::SortRecord(record);
  const auto* event = std::get_if<v1::UserEvent>(&sorted);
  if (event == nullptr) return std::nullopt;
  return user_event::OccurredAt(*event);
}

}  // namespace

absl::StatusOr<Lag> MeasureLag(event_log::EventLog& log, const Checkpoint& from, int64_t max_records,
                               absl::Duration max_time) {
  const absl::Time end = SteadyNow() + max_time;
  ROSTER_ASSIGN_OR_RETURN(const std::unique_ptr<event_log::Reader> reader, log.OpenReader(from));
  Lag lag;
  lag.partitions.resize(from.position.next_offsets.size());
  int64_t records = 0;
  const auto count = [&](const event_log::RecordView& record) {
    const auto partition = static_cast<size_t>(record.location.partition);
    if (partition >= lag.partitions.size()) lag.partitions.resize(partition + 1);
    PartitionLag& counted = lag.partitions[partition];
    ++counted.records;
    if (!counted.oldest) counted.oldest = RecordedAt(record);
  };
  absl::Status failure = absl::UnavailableError("the log does not answer");
  while (records < max_records) {
    const absl::Duration left = end - SteadyNow();
    if (left <= absl::ZeroDuration()) break;
    const auto polled = reader->Poll(kChunkRecords, left, count);
    if (!polled.ok()) {
      // It may come to answer within the time.
      if (!absl::IsUnavailable(polled.status())) return polled.status();
      failure = polled.status();
      continue;
    }
    records += polled->records;
    if (polled->complete_as_of) {
      lag.complete = true;
      return lag;
    }
  }
  if (records == 0) return failure;
  return lag;
}

}  // namespace roster::projector
