#include "command-service/fold.h"

#include <optional>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/log.h"
#include "base/steady_time.h"

namespace roster::command {
namespace {

constexpr int kRecordsPerPoll = 2000;
constexpr int kEventsPerCommit = 20'000;
constexpr absl::Duration kPollTimeout = absl::Milliseconds(100);

// Partitions may be read in any order, so the identity is asked for before the genesis record comes by. Committed at
// once: a roll-back must not forget which log it is, or another one would be taken for it.
absl::Status TakeIdentity(event_log::EventLog& log, WriteModel& write_model) {
  if (!write_model.checkpoint().position.empty()) return absl::OkStatus();
  ROSTER_ASSIGN_OR_RETURN(const std::optional<event_log::LogIdentity> identity, log.ReadIdentity());
  if (!identity) return absl::UnavailableError("the log has no genesis record yet");
  write_model.SetIdentity(*identity);
  return write_model.Commit();
}

}  // namespace

bool IsBeyondRepair(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsDataLoss(status) || absl::IsInvalidArgument(status);
}

absl::StatusOr<std::unique_ptr<Fold>> Fold::Open(event_log::EventLog& log, WriteModel& write_model, OnEvent on_event) {
  ROSTER_RETURN_IF_ERROR(TakeIdentity(log, write_model));
  ROSTER_ASSIGN_OR_RETURN(std::unique_ptr<event_log::Reader> reader, log.OpenReader(write_model.checkpoint()));
  return std::unique_ptr<Fold>(new Fold(write_model, std::move(on_event), std::move(reader)));
}

absl::StatusOr<event_log::PollResult> Fold::Step(absl::Duration timeout) {
  absl::Status failed;
  ROSTER_ASSIGN_OR_RETURN(const event_log::PollResult result,
                          reader_->Poll(kRecordsPerPoll, timeout, [&](const event_log::RecordView& record) {
                            if (failed.ok()) failed = Take(record);
                          }));
  ROSTER_RETURN_IF_ERROR(failed);
  if (write_model_.uncommitted() >= kEventsPerCommit) ROSTER_RETURN_IF_ERROR(write_model_.Commit());
  return result;
}

absl::Status Fold::Take(const event_log::RecordView& record) {
  const user_event::SortedRecord sorted = user_event::SortRecord(record);
  if (const auto* event = std::get_if<v1::UserEvent>(&sorted)) {
    on_event_(*event, record.location);
    ROSTER_ASSIGN_OR_RETURN(const WriteModel::Applied applied, write_model_.Apply(*event, record.location));
    if (applied == WriteModel::Applied::kVersionConflict) Skip(record, user_event::SameVersionConflict());
  } else if (const auto* unreadable = std::get_if<user_event::Unreadable>(&sorted)) {
    Skip(record, *unreadable);
  } else if (record.location.offset != 0 &&
             std::get<event_log::LogIdentity>(sorted).log_id != write_model_.checkpoint().position.log_id) {
    Skip(record, {"MISPLACED_GENESIS", "the genesis record of another log"});
  }
  write_model_.Advance(record.location, event_log::RecordChecksum(record.key, record.value));
  ++records_;
  return absl::OkStatus();
}

void Fold::Skip(const event_log::RecordView& record, const user_event::Unreadable& problem) {
  // A flood of bad records must not become a flood of lines: the total is logged at the end.
  constexpr int kLoggedOnce = 20;
  if (++skipped_ > kLoggedOnce) return;
  Log(LogLevel::kWarning, "record skipped: the projector keeps it as a dead letter",
      {{"partition", record.location.partition}, {"offset", record.location.offset}, {"reason", problem.reason}});
}

absl::Status Fold::ToEnd(absl::FunctionRef<bool()> keep_going) {
  reader_->LookForEndAnew();
  absl::Time told_at = SteadyNow();
  for (;;) {
    ROSTER_ASSIGN_OR_RETURN(const event_log::PollResult result, Step(kPollTimeout));
    if (result.complete_as_of) break;
    if (!keep_going()) return absl::CancelledError("stopped while reading the log");
    if (SteadyNow() - told_at < kTellEvery) continue;
    told_at = SteadyNow();
    Log(LogLevel::kInfo, "reading the log to its end", {{"records", records_}});
  }
  Log(LogLevel::kInfo, "log folded to its end", {{"records", records_}, {"skipped", skipped_}});
  return absl::OkStatus();
}

}  // namespace roster::command
