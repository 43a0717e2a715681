#ifndef ROSTER_BENCH_CEILINGS_IMPORT_PARTS_H_
#define ROSTER_BENCH_CEILINGS_IMPORT_PARTS_H_

#include "absl/status/statusor.h"
#include "bench/figure.h"
#include "event-log/event_log.h"

namespace roster::bench {

// The two parts of a command's way that an import cannot be faster than, each alone, with the events of a log that was
// filled by one. Reading them is not counted. Events a second.

// Appended to another log, which must be new, 500 at once as an import sends them.
absl::StatusOr<Sample> LogAlone(event_log::EventLog& events, event_log::EventLog& target);

// Looked up as Decide does and applied to a new write model in a temporary folder, committed as the service does.
absl::StatusOr<Sample> WriteModelAlone(event_log::EventLog& events);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_IMPORT_PARTS_H_
