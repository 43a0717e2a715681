#include "event-log/kafka/open_check.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "event-log/event_log.h"
#include "event-log/kafka/record_probe.h"

namespace roster::event_log::kafka {
namespace {

absl::Status AnotherLog(const std::string& topic, absl::string_view difference) {
  return absl::FailedPreconditionError(absl::StrCat("topic ", topic, " ", difference,
                                                    ": it is not the log that was folded before (recreated, or "
                                                    "restored from a backup); start with a new, empty model"));
}

struct FoundTopic {
  TopicDescription description;
  // Absent while it has no records.
  std::optional<LogIdentity> identity;
};

absl::StatusOr<FoundTopic> FindTopic(const Client& consumer, const std::string& topic) {
  ROSTER_ASSIGN_OR_RETURN(const std::optional<TopicDescription> found, DescribeTopic(consumer, topic));
  if (!found) {
    return absl::UnavailableError(
        absl::StrCat("there is no topic ", topic, " yet; the command service creates it at its first start"));
  }
  ROSTER_ASSIGN_OR_RETURN(auto identity, ReadTopicIdentity(consumer, topic, found->partitions));
  return FoundTopic{*found, std::move(identity)};
}

absl::Status CheckId(const std::string& topic, const std::optional<LogIdentity>& identity, const std::string& log_id) {
  if (!identity) return AnotherLog(topic, "has no records any more");
  if (identity->log_id == log_id) return absl::OkStatus();
  return AnotherLog(topic, absl::StrCat("holds log ", identity->log_id, " instead of ", log_id));
}

absl::Status CheckIdentity(const std::string& topic, const std::optional<LogIdentity>& identity, const Position& from) {
  ROSTER_RETURN_IF_ERROR(CheckId(topic, identity, from.log_id));
  if (static_cast<int>(from.next_offsets.size()) != identity->partitions) {
    return AnotherLog(topic,
                      absl::StrCat("has ", identity->partitions, " partitions instead of ", from.next_offsets.size()));
  }
  return absl::OkStatus();
}

// The fold's position must lie within what each partition still holds.
absl::Status CheckRange(const std::string& topic, const std::vector<int64_t>& first, const std::vector<int64_t>& end,
                        const Position& from) {
  for (size_t i = 0; i < from.next_offsets.size(); ++i) {
    const int64_t next = from.next_offsets[i];
    if (next > end[i]) {
      return AnotherLog(topic,
                        absl::StrCat("ends at offset ", end[i], " of partition ", i, ", before the position ", next));
    }
    if (next < first[i]) {
      return absl::FailedPreconditionError(
          absl::StrCat("topic ", topic, ": the records of partition ", i, " from offset ", next, " to ", first[i],
                       " were deleted before they were folded; restore them, or the model, from a backup"));
    }
  }
  return absl::OkStatus();
}

// The last record folded of each partition, where it still exists, must be the one that was folded.
absl::Status CheckLastRecords(const Client& consumer, const std::string& topic, const std::vector<int64_t>& first,
                              const Checkpoint& from) {
  std::vector<RecordLocation> last;
  for (size_t i = 0; i < from.position.next_offsets.size() && i < from.last_checksums.size(); ++i) {
    const int64_t offset = from.position.next_offsets[i] - 1;
    if (offset >= first[i]) last.push_back({static_cast<int32_t>(i), offset});
  }
  absl::Status result;
  ROSTER_RETURN_IF_ERROR(ReadFirstRecords(consumer, topic, last, [&](const RecordView& record) {
    const auto [partition, offset] = record.location;
    // Compaction may have taken the record; the one after it says nothing.
    if (offset != from.position.next_offsets[partition] - 1) return;
    if (RecordChecksum(record.key, record.value) == from.last_checksums[partition]) return;
    result.Update(
        AnotherLog(topic, absl::StrCat("has another record at offset ", offset, " of partition ", partition)));
  }));
  return result;
}

}  // namespace

absl::Status CheckPartitions(const std::string& topic, int in_genesis, int present) {
  if (in_genesis == present) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("topic ", topic, " was made with ", in_genesis, " partitions and has ", present,
                   " now: keys have moved to other partitions, so the order of a user's events is lost. Copy the log "
                   "into a new topic with roster-log copy"));
}

absl::StatusOr<TopicDescription> CheckTopicHolds(const Client& consumer, const std::string& topic,
                                                 const std::string& log_id) {
  ROSTER_ASSIGN_OR_RETURN(const FoundTopic found, FindTopic(consumer, topic));
  ROSTER_RETURN_IF_ERROR(CheckId(topic, found.identity, log_id));
  return found.description;
}

absl::StatusOr<TopicDescription> CheckTopicMatches(const Client& consumer, const std::string& topic,
                                                   const Checkpoint& from) {
  ROSTER_ASSIGN_OR_RETURN(const FoundTopic found, FindTopic(consumer, topic));
  const int partitions = found.description.partitions;
  if (found.identity) ROSTER_RETURN_IF_ERROR(CheckPartitions(topic, found.identity->partitions, partitions));
  if (from.position.empty()) return found.description;
  ROSTER_RETURN_IF_ERROR(CheckIdentity(topic, found.identity, from.position));
  ROSTER_ASSIGN_OR_RETURN(const auto first, ListOffsets(consumer, topic, partitions, LogEnd::kFirst));
  ROSTER_ASSIGN_OR_RETURN(const auto end, ListOffsets(consumer, topic, partitions, LogEnd::kHighWatermark));
  ROSTER_RETURN_IF_ERROR(CheckRange(topic, first, end, from.position));
  ROSTER_RETURN_IF_ERROR(CheckLastRecords(consumer, topic, first, from));
  return found.description;
}

}  // namespace roster::event_log::kafka
