#include "command-service/fold.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/log.h"
#include "user-event/sort_record.h"

namespace roster::command {
namespace {

constexpr int kRecordsPerPoll = 2000;
constexpr int kEventsPerCommit = 20'000;
constexpr absl::Duration kPollTimeout = absl::Milliseconds(100);

class Fold {
 public:
  Fold(WriteModel& write_model,
       absl::FunctionRef<void(const v1::UserEvent&, const event_log::RecordLocation&)> on_event)
      : write_model_(write_model), on_event_(on_event) {}

  absl::Status Take(const event_log::RecordView& record) {
    const user_event::SortedRecord sorted = user_event::SortRecord(record);
    if (const auto* event = std::get_if<v1::UserEvent>(&sorted)) {
      on_event_(*event, record.location);
      ROSTER_ASSIGN_OR_RETURN(const WriteModel::Applied applied, write_model_.Apply(*event, record.location));
      if (applied == WriteModel::Applied::kVersionConflict) Skip(record, user_event::SameVersionConflict());
    } else if (const auto* unreadable = std::get_if<user_event::Unreadable>(&sorted)) {
      Skip(record, *unreadable);
    } else if (record.location.offset != 0 && std::get<event_log::LogIdentity>(sorted).log_id != log_id()) {
      Skip(record, {"MISPLACED_GENESIS", "the genesis record of another log"});
    }
    write_model_.Advance(record.location, event_log::RecordChecksum(record.key, record.value));
    ++records_;
    return absl::OkStatus();
  }

  int64_t records() const { return records_; }
  int64_t skipped() const { return skipped_; }

 private:
  const std::string& log_id() const { return write_model_.checkpoint().position.log_id; }

  void Skip(const event_log::RecordView& record, const user_event::Unreadable& problem) {
    // A flood of bad records must not become a flood of lines: the total is logged at the end.
    constexpr int kLoggedOnce = 20;
    if (++skipped_ > kLoggedOnce) return;
    Log(LogLevel::kWarning, "record skipped: the projector keeps it as a dead letter",
        {{"partition", record.location.partition}, {"offset", record.location.offset}, {"reason", problem.reason}});
  }

  WriteModel& write_model_;
  absl::FunctionRef<void(const v1::UserEvent&, const event_log::RecordLocation&)> on_event_;
  int64_t records_ = 0;
  int64_t skipped_ = 0;
};

// Partitions may be read in any order, so the identity is asked for before the genesis record comes by.
absl::Status TakeIdentity(event_log::EventLog& log, WriteModel& write_model) {
  if (!write_model.checkpoint().position.empty()) return absl::OkStatus();
  ROSTER_ASSIGN_OR_RETURN(const std::optional<event_log::LogIdentity> identity, log.ReadIdentity());
  if (!identity) return absl::UnavailableError("the log has no genesis record yet");
  write_model.SetIdentity(*identity);
  return absl::OkStatus();
}

}  // namespace

absl::Status FoldToEnd(event_log::EventLog& log, WriteModel& write_model,
                       absl::FunctionRef<void(const v1::UserEvent&, const event_log::RecordLocation&)> on_event,
                       absl::FunctionRef<bool()> keep_going) {
  ROSTER_RETURN_IF_ERROR(TakeIdentity(log, write_model));
  ROSTER_ASSIGN_OR_RETURN(const std::unique_ptr<event_log::Reader> reader, log.OpenReader(write_model.checkpoint()));
  Fold fold(write_model, on_event);
  for (;;) {
    absl::Status failed;
    ROSTER_ASSIGN_OR_RETURN(const event_log::PollResult result,
                            reader->Poll(kRecordsPerPoll, kPollTimeout, [&](const event_log::RecordView& record) {
                              if (failed.ok()) failed = fold.Take(record);
                            }));
    ROSTER_RETURN_IF_ERROR(failed);
    if (result.complete_as_of) break;
    if (write_model.uncommitted() >= kEventsPerCommit) ROSTER_RETURN_IF_ERROR(write_model.Commit());
    if (!keep_going()) return absl::CancelledError("stopped while reading the log");
  }
  Log(LogLevel::kInfo, "log folded to its end", {{"records", fold.records()}, {"skipped", fold.skipped()}});
  return absl::OkStatus();
}

}  // namespace roster::command
