#ifndef ROSTER_COMMAND_SERVICE_FOLD_H_
#define ROSTER_COMMAND_SERVICE_FOLD_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "command-service/write_model.h"
#include "event-log/event_log.h"

namespace roster::command {

// Folds the log into the write model up to the log's end as of this call; does not commit the last part. Records that
// no fold can use are skipped, counted and logged, as the projector makes dead letters of them.
//
// `on_event` sees each event before it is applied. `keep_going` is called a few times a second at least; when it
// returns false the fold ends with CANCELLED. Other errors: of Reader (FAILED_PRECONDITION: the write model was folded
// from another log) and of WriteModel.
absl::Status FoldToEnd(event_log::EventLog& log, WriteModel& write_model,
                       absl::FunctionRef<void(const v1::UserEvent&, const event_log::RecordLocation&)> on_event,
                       absl::FunctionRef<bool()> keep_going);

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_FOLD_H_
