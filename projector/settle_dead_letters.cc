#include "projector/settle_dead_letters.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "event-log/event_log.h"
#include "user-event/sort_record.h"

namespace roster::projector {
namespace {

using read_model::DeadLetterId;
using read_model::DeadLetterState;
using read_model::StoredDeadLetter;

DeadLetterId FromProto(const control::DeadLetterId& id) { return {id.partition(), id.offset()}; }

// Which dead letters a request names: the one, or the next open ones.
absl::StatusOr<std::vector<DeadLetterId>> Select(const control::SettleDeadLettersRequest& request,
                                                 read_model::Writer& writer) {
  if (!request.has_id()) {
    std::optional<DeadLetterId> after;
    if (request.has_after()) after = FromProto(request.after());
    return writer.ListOpenDeadLetters(after, kSettleRows);
  }
  const DeadLetterId id = FromProto(request.id());
  ROSTER_ASSIGN_OR_RETURN(const std::optional<StoredDeadLetter> stored, writer.ReadDeadLetter(id));
  const std::string name = absl::StrCat("the dead letter of partition ", id.partition, ", offset ", id.offset);
  if (!stored) return absl::NotFoundError(absl::StrCat(name, " is not there"));
  if (stored->state != DeadLetterState::kOpen) {
    return absl::FailedPreconditionError(absl::StrCat(name, " was settled already"));
  }
  return std::vector<DeadLetterId>{id};
}

control::DeadLetterOutcome MakeOutcome(DeadLetterId id, const std::string& outcome, const std::string& message = "") {
  control::DeadLetterOutcome result;
  result.set_partition(id.partition);
  result.set_offset(id.offset);
  result.set_outcome(outcome);
  result.set_message(message);
  return result;
}

user_event::SortedRecord SortAgain(const read_model::DeadLetter& letter) {
  std::vector<event_log::HeaderView> headers;
  for (const auto& [key, value] : letter.headers) headers.push_back({key, value});
  event_log::RecordView record;
  record.location = {letter.id.partition, letter.id.offset};
  if (letter.key) record.key = *letter.key;
  if (letter.value) record.value = *letter.value;
  record.headers = headers;
  return user_event::SortRecord(record);
}

absl::StatusOr<control::DeadLetterOutcome> RedriveOne(DeadLetterId id, read_model::Writer& writer, absl::Time now) {
  ROSTER_ASSIGN_OR_RETURN(const std::optional<StoredDeadLetter> stored, writer.ReadDeadLetter(id));
  if (!stored) return absl::InternalError("a dead letter went away within a transaction");
  const user_event::SortedRecord sorted = SortAgain(stored->letter);
  if (const auto* why = std::get_if<user_event::Unreadable>(&sorted)) {
    return MakeOutcome(id, "STILL_OPEN", absl::StrCat(why->reason, ": ", why->message));
  }
  const auto* event = std::get_if<v1::UserEvent>(&sorted);
  if (event == nullptr)
    return MakeOutcome(id, "STILL_OPEN", "MISPLACED_GENESIS: a genesis record that is not the log's first record");
  ROSTER_ASSIGN_OR_RETURN(const read_model::Applied applied, writer.Apply(*event, id.partition, id.offset, now));
  if (applied == read_model::Applied::kVersionConflict) {
    const user_event::Unreadable conflict = user_event::SameVersionConflict();
    return MakeOutcome(id, "STILL_OPEN", absl::StrCat(conflict.reason, ": ", conflict.message));
  }
  ROSTER_RETURN_IF_ERROR(writer.SetDeadLetterState(id, DeadLetterState::kRedriven));
  return MakeOutcome(id, applied == read_model::Applied::kYes ? "APPLIED" : "OUTDATED");
}

// Says where to go on, where a request for all may have left some.
void SetLast(const control::SettleDeadLettersRequest& request, const std::vector<DeadLetterId>& ids,
             control::SettleDeadLettersResponse& response) {
  if (request.has_id() || ids.size() < kSettleRows) return;
  response.mutable_last()->set_partition(ids.back().partition);
  response.mutable_last()->set_offset(ids.back().offset);
}

}  // namespace

absl::StatusOr<control::SettleDeadLettersResponse> RedriveDeadLetters(const control::SettleDeadLettersRequest& request,
                                                                      read_model::Writer& writer, const Clock& clock) {
  ROSTER_RETURN_IF_ERROR(writer.Begin());
  ROSTER_ASSIGN_OR_RETURN(const std::vector<DeadLetterId> ids, Select(request, writer));
  control::SettleDeadLettersResponse response;
  bool applied = false;
  for (const DeadLetterId id : ids) {
    ROSTER_ASSIGN_OR_RETURN(control::DeadLetterOutcome outcome, RedriveOne(id, writer, clock.Now()));
    applied |= outcome.outcome() == "APPLIED";
    *response.add_outcomes() = std::move(outcome);
  }
  if (applied) ROSTER_RETURN_IF_ERROR(writer.MoveChangesHorizonToPosition());
  ROSTER_RETURN_IF_ERROR(writer.Commit());
  SetLast(request, ids, response);
  return response;
}

absl::StatusOr<control::SettleDeadLettersResponse> DiscardDeadLetters(const control::SettleDeadLettersRequest& request,
                                                                      read_model::Writer& writer) {
  ROSTER_RETURN_IF_ERROR(writer.Begin());
  ROSTER_ASSIGN_OR_RETURN(const std::vector<DeadLetterId> ids, Select(request, writer));
  control::SettleDeadLettersResponse response;
  for (const DeadLetterId id : ids) {
    ROSTER_RETURN_IF_ERROR(writer.SetDeadLetterState(id, DeadLetterState::kDiscarded));
    *response.add_outcomes() = MakeOutcome(id, "DISCARDED");
  }
  ROSTER_RETURN_IF_ERROR(writer.Commit());
  SetLast(request, ids, response);
  return response;
}

}  // namespace roster::projector
