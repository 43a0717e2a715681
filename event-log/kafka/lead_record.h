#ifndef ROSTER_EVENT_LOG_KAFKA_LEAD_RECORD_H_
#define ROSTER_EVENT_LOG_KAFKA_LEAD_RECORD_H_

#include <string>

#include "event-log/event_log.h"

namespace roster::event_log::kafka {

// Key of the records on the control topic: each proves that its writer held the lead when it was committed, and its
// value is the address which that writer advertises (empty: none). The topic is compacted, and keeps the last one.
inline constexpr char kLeadKey[] = "leader";

inline Record MakeLeadRecord(const std::string& address) { return {.key = kLeadKey, .value = address}; }

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_LEAD_RECORD_H_
