#include "projector/applier.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "user-event/occurred_at.h"

namespace roster::projector {
namespace {

constexpr size_t kMaxUserIdBytes = 128;

// Whether a key can be the user_id of a user of ours (proto/roster/v1/user.proto).
bool CanBeUserId(absl::string_view key) {
  if (key.empty() || key.size() > kMaxUserIdBytes) return false;
  for (const char c : key) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
        absl::string_view("-_.:~").find(c) == absl::string_view::npos) {
      return false;
    }
  }
  return true;
}

int64_t BytesOf(const event_log::RecordView& record) {
  size_t bytes = record.key.value_or("").size() + record.value.value_or("").size();
  for (const event_log::HeaderView& header : record.headers) bytes += header.key.size() + header.value.size();
  return static_cast<int64_t>(bytes);
}

absl::Status NotThisLog(absl::string_view difference) {
  return absl::FailedPreconditionError(absl::StrCat(
      "the log is not the one that was folded: ", difference,
      ". If the log was replaced on purpose, stop the projector, remove the read model's folder, and it is made anew"));
}

}  // namespace

Applier::Applier(read_model::Writer& writer, Checkpoint from, const Clock& clock)
    : writer_(writer), checkpoint_(std::move(from)), now_(clock.Now()) {}

absl::Status Applier::Apply(const event_log::RecordView& record) {
  const auto& [partition, offset] = record.location;
  std::vector<int64_t>& next_offsets = checkpoint_.position.next_offsets;
  if (partition < 0 || static_cast<size_t>(partition) >= next_offsets.size()) {
    return NotThisLog(absl::StrCat("it has a partition ", partition, ", and had ", next_offsets.size(), " partitions"));
  }
  if (offset < next_offsets[partition]) return absl::OkStatus();

  const user_event::SortedRecord sorted = user_event::SortRecord(record);
  if (const auto* event = std::get_if<v1::UserEvent>(&sorted)) {
    ROSTER_RETURN_IF_ERROR(ApplyEvent(record, *event));
  } else if (const auto* identity = std::get_if<event_log::LogIdentity>(&sorted)) {
    ROSTER_RETURN_IF_ERROR(ApplyGenesis(record, *identity));
  } else {
    ROSTER_RETURN_IF_ERROR(KeepDeadLetter(record, std::get<user_event::Unreadable>(sorted)));
  }
  next_offsets[partition] = offset + 1;
  checkpoint_.last_checksums[partition] = event_log::RecordChecksum(record.key, record.value);
  bytes_ += BytesOf(record);
  ++records_;
  return absl::OkStatus();
}

absl::Status Applier::ApplyEvent(const event_log::RecordView& record, const v1::UserEvent& event) {
  newest_event_at_ = std::max(newest_event_at_, user_event::OccurredAt(event));
  ROSTER_ASSIGN_OR_RETURN(const read_model::Applied applied,
                          writer_.Apply(event, record.location.partition, record.location.offset, now_));
  if (applied != read_model::Applied::kVersionConflict) return absl::OkStatus();
  return KeepDeadLetter(record, user_event::SameVersionConflict());
}

absl::Status Applier::ApplyGenesis(const event_log::RecordView& record, const event_log::LogIdentity& identity) {
  const bool first = checkpoint_.position.next_offsets[record.location.partition] == 0;
  if (!first)
    return KeepDeadLetter(record, {"MISPLACED_GENESIS", "a genesis record that is not the log's first record"});
  if (identity.log_id != checkpoint_.position.log_id) {
    return NotThisLog(absl::StrCat("its id is ", identity.log_id, ", not ", checkpoint_.position.log_id));
  }
  return absl::OkStatus();
}

absl::Status Applier::KeepDeadLetter(const event_log::RecordView& record, const user_event::Unreadable& why) {
  read_model::DeadLetter letter;
  letter.id = {record.location.partition, record.location.offset};
  if (record.key) letter.key = std::string(*record.key);
  if (record.value) letter.value = std::string(*record.value);
  for (const event_log::HeaderView& header : record.headers) {
    letter.headers.emplace_back(std::string(header.key), std::string(header.value));
  }
  if (record.key && CanBeUserId(*record.key)) letter.user_id = letter.key;
  letter.reason = why.reason;
  letter.message = why.message;
  if (dead_letters_++ == 0) {
    first_dead_letter_ = absl::StrCat(why.reason, " at partition ", letter.id.partition, " offset ", letter.id.offset);
  }
  return writer_.AddDeadLetter(letter, now_);
}

}  // namespace roster::projector
