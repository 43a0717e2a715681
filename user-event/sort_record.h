#ifndef ROSTER_USER_EVENT_SORT_RECORD_H_
#define ROSTER_USER_EVENT_SORT_RECORD_H_

#include <string>
#include <variant>

#include "event-log/event_log.h"
#include "roster/v1/user_event.pb.h"

namespace roster::user_event {

// A record that no fold can use, whoever wrote it. The projector keeps it as a dead letter; the command service skips,
// counts and reports it.
struct Unreadable {
  // For programs, stable: "NO_VALUE", "NOT_A_USER_EVENT", "KEY_MISMATCH", "MALFORMED_EVENT" or "MISPLACED_GENESIS". The
  // folds add "VERSION_CONFLICT" (see SameVersionConflict).
  std::string reason;
  // For people; holds nothing of the record's content.
  std::string message;
};

using SortedRecord = std::variant<v1::UserEvent, event_log::LogIdentity, Unreadable>;

// Tells what a record is: a user event, the genesis record, or unreadable. The one place that decides it, so that both
// folds skip the same records. Fields and kinds of change that this build does not know are kept and accepted.
SortedRecord SortRecord(const event_log::RecordView& record);

// The reason for an event whose user version is already taken by an event with another id: one of the two was not
// written by a leader, so the first folded stays.
Unreadable SameVersionConflict();

}  // namespace roster::user_event

#endif  // ROSTER_USER_EVENT_SORT_RECORD_H_
