#include "user-event/write_record.h"

#include <string>

#include "absl/time/time.h"
#include "user-event/occurred_at.h"

namespace roster::user_event {
namespace {

struct ChangeNames {
  const char* ce_type;
  const char* event_type;
};

ChangeNames NamesOf(const v1::UserEvent& event) {
  switch (event.change_case()) {
    case v1::UserEvent::kSignedUp:
      return {"roster.user.signed_up.v1", "SIGNUP"};
    case v1::UserEvent::kUpdated:
      return {"roster.user.updated.v1", "UPDATE"};
    case v1::UserEvent::kDeleted:
      return {"roster.user.deleted.v1", "DELETE"};
    case v1::UserEvent::CHANGE_NOT_SET:
      break;
  }
  return {"roster.user.changed.v1", "UNKNOWN"};
}

std::string Rfc3339(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone()); }

}  // namespace

event_log::Record WriteRecord(const v1::UserEvent& event, absl::string_view traceparent, absl::string_view tracestate) {
  const ChangeNames names = NamesOf(event);
  const std::string time = Rfc3339(OccurredAt(event));
  event_log::Record record{.key = event.user_id(), .value = event.SerializeAsString(), .headers = {}};
  record.headers.reserve(11);
  const auto add = [&](const char* key, absl::string_view value) {
    record.headers.push_back({key, std::string(value)});
  };
  add("ce_specversion", "1.0");
  add("ce_id", event.event_id());
  add("ce_type", names.ce_type);
  add("ce_source", "roster");
  add("ce_time", time);
  add("content-type", "application/protobuf");
  add("event_type", names.event_type);
  add("event_id", event.event_id());
  add("produced_at", time);
  if (!traceparent.empty()) add("traceparent", traceparent);
  if (!tracestate.empty()) add("tracestate", tracestate);
  return record;
}

}  // namespace roster::user_event
