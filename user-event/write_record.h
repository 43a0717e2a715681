#ifndef ROSTER_USER_EVENT_WRITE_RECORD_H_
#define ROSTER_USER_EVENT_WRITE_RECORD_H_

#include "absl/strings/string_view.h"
#include "event-log/event_log.h"
#include "roster/v1/user_event.pb.h"

namespace roster::user_event {

// The record that carries `event`: keyed by user_id, with headers for consumers that do not decode the value:
// CloudEvents in binary mode (ce_specversion, ce_id, ce_type, ce_source, ce_time, content-type), event_type ("SIGNUP",
// "UPDATE", "DELETE"), event_id and produced_at. `traceparent` and `tracestate` are W3C trace context, left out where
// they are empty.
event_log::Record WriteRecord(const v1::UserEvent& event, absl::string_view traceparent,
                              absl::string_view tracestate = "");

}  // namespace roster::user_event

#endif  // ROSTER_USER_EVENT_WRITE_RECORD_H_
