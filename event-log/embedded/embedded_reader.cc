#include "event-log/embedded/embedded_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/steady_time.h"
#include "event-log/genesis.h"

namespace roster::event_log {
namespace {

// A ring may be lost with its ringer, and a replaced file rings no bell.
constexpr absl::Duration kLookAgain = absl::Seconds(1);

absl::Status AnotherLog(const std::string& path, absl::string_view difference) {
  return absl::FailedPreconditionError(absl::StrCat(
      "the log ", path, " is not the one that was read before: ", difference,
      ". If the log was replaced on purpose, remove what was folded from the old one, and it is made anew"));
}

// That the records before `from` are the ones that were folded.
absl::Status CheckAnchor(const std::string& path, RecordTable& table, const Checkpoint& from) {
  const int64_t next_offset = from.position.next_offsets.at(0);
  ROSTER_ASSIGN_OR_RETURN(const int64_t end, table.End());
  if (end < next_offset) {
    return AnotherLog(path, absl::StrCat("it ends at offset ", end, ", before ", next_offset));
  }
  if (next_offset == 0 || from.last_checksums.empty()) return absl::OkStatus();
  uint64_t checksum = 0;
  ROSTER_RETURN_IF_ERROR(
      table
          .Read(next_offset - 1, 1,
                [&](const RecordView& record) { checksum = RecordChecksum(record.key, record.value); })
          .status());
  if (checksum == from.last_checksums.at(0)) return absl::OkStatus();
  return AnotherLog(path, absl::StrCat("it has another record at offset ", next_offset - 1));
}

absl::Status CheckIdentity(const std::string& path, const std::optional<LogIdentity>& identity,
                           const Checkpoint& from) {
  if (!identity) return AnotherLog(path, "it is empty");
  if (identity->log_id != from.position.log_id) {
    return AnotherLog(path, absl::StrCat("its id is ", identity->log_id, ", not ", from.position.log_id));
  }
  if (from.position.next_offsets.size() != 1 || from.last_checksums.size() > 1) {
    return AnotherLog(path, absl::StrCat("it has 1 partition, not ", from.position.next_offsets.size()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<LogIdentity>> ReadEmbeddedIdentity(const std::string& path) {
  absl::StatusOr<std::unique_ptr<RecordTable>> table = RecordTable::Open(path, RecordTable::Mode::kRead);
  if (absl::IsNotFound(table.status())) return std::nullopt;
  if (!table.ok()) return table.status();
  std::optional<LogIdentity> identity;
  ROSTER_ASSIGN_OR_RETURN(const int records, (*table)->Read(0, 1, [&](const RecordView& record) {
    identity = ParseGenesisRecord(record);
  }));
  if (records > 0 && !identity) {
    return absl::FailedPreconditionError(
        absl::StrCat("the log ", path, " does not begin with a genesis record: it is none of Roster's"));
  }
  return identity;
}

absl::StatusOr<std::unique_ptr<Reader>> EmbeddedReader::Open(const std::string& path, const Clock& clock,
                                                             const Checkpoint& from) {
  ROSTER_ASSIGN_OR_RETURN(auto listener, DoorbellListener::Open(path + ".doorbell"));
  const int64_t next_offset = from.position.empty() ? 0 : from.position.next_offsets.at(0);
  std::unique_ptr<EmbeddedReader> reader(new EmbeddedReader(path, clock, std::move(listener), next_offset));
  ROSTER_ASSIGN_OR_RETURN(const std::optional<LogIdentity> identity, ReadEmbeddedIdentity(path));
  if (!from.position.empty()) {
    ROSTER_RETURN_IF_ERROR(CheckIdentity(path, identity, from));
    ROSTER_ASSIGN_OR_RETURN(const bool open, reader->EnsureOpen());
    if (!open) return AnotherLog(path, "it is gone");
    ROSTER_RETURN_IF_ERROR(CheckAnchor(path, *reader->table_, from));
  }
  return std::unique_ptr<Reader>(std::move(reader));
}

absl::StatusOr<bool> EmbeddedReader::EnsureOpen() {
  if (table_ != nullptr) return true;
  absl::StatusOr<std::unique_ptr<RecordTable>> table = RecordTable::Open(path_, RecordTable::Mode::kRead);
  if (absl::IsNotFound(table.status())) return false;
  if (!table.ok()) return table.status();
  table_ = *std::move(table);
  return true;
}

absl::Status EmbeddedReader::CheckSameFile() {
  if (table_ == nullptr || table_->InPlace()) return absl::OkStatus();
  return AnotherLog(path_, "the file was removed or replaced");
}

absl::StatusOr<PollResult> EmbeddedReader::Look(int max_records, RecordHandler handler) {
  const absl::Time now = clock_.Now();
  ROSTER_ASSIGN_OR_RETURN(const bool open, EnsureOpen());
  PollResult result;
  if (open) {
    ROSTER_ASSIGN_OR_RETURN(result.records, table_->Read(next_offset_, max_records, handler));
  }
  next_offset_ += result.records;
  const bool has_genesis = next_offset_ > 0;
  if (has_genesis && result.records < max_records) result.complete_as_of = now;
  return result;
}

absl::StatusOr<PollResult> EmbeddedReader::Poll(int max_records, absl::Duration timeout, RecordHandler handler) {
  const absl::Time deadline = SteadyNow() + timeout;
  for (;;) {
    ROSTER_ASSIGN_OR_RETURN(const PollResult result, Look(max_records, handler));
    const bool at_end = result.complete_as_of.has_value();
    const bool news = result.records > 0 || (at_end && !told_end_);
    told_end_ = at_end;
    const absl::Duration left = deadline - SteadyNow();
    if (news || left <= absl::ZeroDuration()) return result;
    if (listener_->Wait(std::min(left, kLookAgain))) return result;
    ROSTER_RETURN_IF_ERROR(CheckSameFile());
  }
}

std::vector<int64_t> EmbeddedReader::KnownEndOffsets() {
  if (table_ == nullptr) return {};
  const absl::StatusOr<int64_t> end = table_->End();
  return end.ok() ? std::vector<int64_t>{*end} : std::vector<int64_t>();
}

}  // namespace roster::event_log
