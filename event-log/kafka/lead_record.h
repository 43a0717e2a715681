#ifndef ROSTER_EVENT_LOG_KAFKA_LEAD_RECORD_H_
#define ROSTER_EVENT_LOG_KAFKA_LEAD_RECORD_H_

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "event-log/event_log.h"

namespace roster::event_log::kafka {

// Key of the records on the control topic: each proves that its writer held the lead when it was committed, and its
// value is the address which that writer advertises (empty: none). The topic is compacted, and keeps the last one.
inline constexpr char kLeadKey[] = "leader";

// A host name of 253 bytes and a port.
inline constexpr size_t kMaxLeadAddressBytes = 260;

inline Record MakeLeadRecord(const std::string& address) { return {.key = kLeadKey, .value = address}; }

// The address that such a record names. Absent where the record is none: it was not written by a leader, and its value
// could not be told to callers.
inline std::optional<std::string> ParseLeadRecord(absl::string_view key, absl::string_view value) {
  const bool printable = std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (key != kLeadKey || value.size() > kMaxLeadAddressBytes || !printable) return std::nullopt;
  return std::string(value);
}

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_LEAD_RECORD_H_
