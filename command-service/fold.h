#ifndef ROSTER_COMMAND_SERVICE_FOLD_H_
#define ROSTER_COMMAND_SERVICE_FOLD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "command-service/write_model.h"
#include "event-log/event_log.h"
#include "user-event/sort_record.h"

namespace roster::command {

// Between two lines that tell an operator why nothing is served yet.
inline constexpr absl::Duration kTellEvery = absl::Seconds(10);

// Of a fold, or of taking the lead: whether trying again will not help, and somebody has to do what the message says.
bool IsBeyondRepair(const absl::Status& status);

// Folds the log into the write model, a piece at a time, and commits it now and then. Records that no fold can use are
// skipped, counted and logged, as the projector makes dead letters of them.
//
// Errors: of Reader (FAILED_PRECONDITION: the write model was folded from another log) and of WriteModel. After one the
// fold is of no further use.
//
// Thread safety: one thread, but for Interrupt.
class Fold {
 public:
  // Sees each event before it is applied.
  using OnEvent = std::function<void(const v1::UserEvent&, const event_log::RecordLocation&)>;

  // From the write model's checkpoint on. Both must outlive it.
  static absl::StatusOr<std::unique_ptr<Fold>> Open(event_log::EventLog& log, WriteModel& write_model,
                                                    OnEvent on_event);

  // Folds what is there, having waited for something up to `timeout`, and says what Reader::Poll said.
  absl::StatusOr<event_log::PollResult> Step(absl::Duration timeout);

  // Folds up to the log's end as of this call; does not commit the last part. `keep_going` is called a few times a
  // second at least; when it returns false the fold ends with CANCELLED.
  absl::Status ToEnd(absl::FunctionRef<bool()> keep_going);

  // Ends the present Step's wait, or that of the next one. From any thread.
  void Interrupt() { reader_->Interrupt(); }

 private:
  Fold(WriteModel& write_model, OnEvent on_event, std::unique_ptr<event_log::Reader> reader)
      : write_model_(write_model), on_event_(std::move(on_event)), reader_(std::move(reader)) {}

  absl::Status Take(const event_log::RecordView& record);
  void Skip(const event_log::RecordView& record, const user_event::Unreadable& problem);

  WriteModel& write_model_;
  const OnEvent on_event_;
  const std::unique_ptr<event_log::Reader> reader_;
  int64_t records_ = 0;
  int64_t skipped_ = 0;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_FOLD_H_
