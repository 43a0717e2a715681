#ifndef ROSTER_EVENT_LOG_GENESIS_H_
#define ROSTER_EVENT_LOG_GENESIS_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "event-log/event_log.h"

namespace roster::event_log {

// The genesis record: the first record of partition 0, written by the first leader. It gives the log its identity, so
// that a fold can tell its log from another one under the same name.

// Header by which other consumers tell it from a UserEvent.
inline constexpr absl::string_view kGenesisType = "roster.log.genesis.v1";
// '/' stands in no user_id, so no user's event ever replaces the genesis record on a compacted topic.
inline constexpr absl::string_view kGenesisKey = "/roster/log/genesis";

Record MakeGenesisRecord(const LogIdentity& identity, absl::Time now);

// What a genesis record says; absent where the record is none, or is damaged.
std::optional<LogIdentity> ParseGenesisRecord(const RecordView& record);

}  // namespace roster::event_log

#endif  // ROSTER_EVENT_LOG_GENESIS_H_
