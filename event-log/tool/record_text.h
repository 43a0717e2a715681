#ifndef ROSTER_EVENT_LOG_TOOL_RECORD_TEXT_H_
#define ROSTER_EVENT_LOG_TOOL_RECORD_TEXT_H_

#include <string>

#include "event-log/tool/partition_stream.h"

namespace roster::event_log::tool {

struct RecordTextOptions {
  // One JSON object a line, else a few lines to read.
  bool json = false;
  // Without it nothing is shown that may say something about a person: of a user event only its kind, ids, numbers and
  // times, and of anything else only sizes. A header is shown where Roster writes one of that name.
  bool with_personal_data = false;
};

// A record for people or programs, with the line's end.
std::string RecordText(const StoredRecord& record, const RecordTextOptions& options);

}  // namespace roster::event_log::tool

#endif  // ROSTER_EVENT_LOG_TOOL_RECORD_TEXT_H_
