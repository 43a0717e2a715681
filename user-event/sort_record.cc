#include "user-event/sort_record.h"

#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "event-log/genesis.h"

namespace roster::user_event {
namespace {

// Counters beyond this leave no room to count on; no writer reaches them.
constexpr int64_t kMaxCounter = std::numeric_limits<int64_t>::max() / 2;

Unreadable Malformed(absl::string_view what) { return {"MALFORMED_EVENT", absl::StrCat("the event's ", what)}; }

bool IsCounter(int64_t value) { return value >= 1 && value <= kMaxCounter; }

bool IsTimestamp(const google::protobuf::Timestamp& time) {
  // Years 1 to 9999, as google.protobuf.Timestamp defines it.
  return time.seconds() >= -62135596800 && time.seconds() <= 253402300799 && time.nanos() >= 0 &&
         time.nanos() <= 999'999'999;
}

// What a fold relies on; nothing about the content of a user, whose limits later versions may widen.
std::optional<Unreadable> CheckEvent(const v1::UserEvent& event) {
  if (event.event_id().empty()) return Malformed("event_id is empty");
  if (event.user_id().empty()) return Malformed("user_id is empty");
  if (!IsCounter(event.sequence())) return Malformed("sequence is out of range");
  if (!IsCounter(event.user_version())) return Malformed("user_version is out of range");
  if (!event.has_occurred_at() || !IsTimestamp(event.occurred_at()))
    return Malformed("occurred_at is absent or no time");
  if (!event.has_user()) return Malformed("user is absent");
  const v1::User& user = event.user();
  if (user.user_id() != event.user_id()) return Malformed("user.user_id is not its user_id");
  if (user.version() != event.user_version()) return Malformed("user.version is not its user_version");
  if (user.status() == v1::USER_STATUS_UNSPECIFIED) return Malformed("user.status is not set");
  if (!user.has_create_time() || !IsTimestamp(user.create_time()))
    return Malformed("user.create_time is absent or no time");
  return std::nullopt;
}

}  // namespace

SortedRecord SortRecord(const event_log::RecordView& record) {
  if (record.key == event_log::kGenesisKey) {
    if (std::optional<event_log::LogIdentity> identity = event_log::ParseGenesisRecord(record)) return *identity;
    return Unreadable{"MISPLACED_GENESIS", "has the genesis record's key, but is none"};
  }
  if (!record.value) return Unreadable{"NO_VALUE", "has no value (a tombstone); Roster writes none"};
  v1::UserEvent event;
  if (record.value->size() > std::numeric_limits<int>::max() ||
      !event.ParseFromArray(record.value->data(), static_cast<int>(record.value->size()))) {
    return Unreadable{"NOT_A_USER_EVENT", "the value is not a roster.v1.UserEvent"};
  }
  if (std::optional<Unreadable> problem = CheckEvent(event)) return *problem;
  if (record.key != event.user_id()) return Unreadable{"KEY_MISMATCH", "the key is not the event's user_id"};
  return event;
}

Unreadable SameVersionConflict() {
  return {"VERSION_CONFLICT", "another event has the same user_version of the same user"};
}

}  // namespace roster::user_event
