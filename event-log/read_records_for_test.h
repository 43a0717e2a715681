#ifndef ROSTER_EVENT_LOG_READ_RECORDS_FOR_TEST_H_
#define ROSTER_EVENT_LOG_READ_RECORDS_FOR_TEST_H_

#include "event-log/event_log.h"

namespace roster::event_log {

// Hands every record of `log` to `handler`, from the first one to the end. Throws what absl::StatusOr does, and so
// fails the test, where the log cannot be read.
inline void ReadRecords(EventLog& log, Reader::RecordHandler handler) {
  const auto reader = log.OpenReader({}).value();
  while (!reader->Poll(10'000, absl::Seconds(5), handler).value().complete_as_of) continue;
}

}  // namespace roster::event_log

#endif  // ROSTER_EVENT_LOG_READ_RECORDS_FOR_TEST_H_
