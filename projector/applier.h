#ifndef ROSTER_PROJECTOR_APPLIER_H_
#define ROSTER_PROJECTOR_APPLIER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "base/clock.h"
#include "base/position.h"
#include "event-log/event_log.h"
#include "read-model/writer.h"
#include "user-event/sort_record.h"

namespace roster::projector {

// Folds the records of one batch into the read model, within the writer's present transaction: events are applied, what
// cannot be folded is kept as a dead letter, and the position goes on past either.
//
// Thread safety: none.
class Applier {
 public:
  // `from` is where the fold stands, with the log's identity. `writer` and `clock` must outlive the applier.
  Applier(read_model::Writer& writer, Checkpoint from, const Clock& clock);

  // Folds a record; one before the position is passed over. An error is never the record's fault: the writer failed
  // (roll the batch back, and fold it again), or the log is not the one that was being folded (FAILED_PRECONDITION).
  absl::Status Apply(const event_log::RecordView& record);

  // Where the fold stands after the records so far.
  const Checkpoint& checkpoint() const { return checkpoint_; }
  // Key, value and headers of the records so far.
  int64_t bytes() const { return bytes_; }
  int records() const { return records_; }
  int dead_letters() const { return dead_letters_; }
  // When the newest event so far was recorded.
  absl::Time newest_event_at() const { return newest_event_at_; }
  // Of the first dead letter: "NO_VALUE at partition 0 offset 12".
  const std::string& first_dead_letter() const { return first_dead_letter_; }

 private:
  absl::Status ApplyEvent(const event_log::RecordView& record, const v1::UserEvent& event);
  absl::Status ApplyGenesis(const event_log::RecordView& record, const event_log::LogIdentity& identity);
  absl::Status KeepDeadLetter(const event_log::RecordView& record, const user_event::Unreadable& why);

  read_model::Writer& writer_;
  Checkpoint checkpoint_;
  const absl::Time now_;
  int64_t bytes_ = 0;
  int records_ = 0;
  int dead_letters_ = 0;
  absl::Time newest_event_at_ = absl::UnixEpoch();
  std::string first_dead_letter_;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_APPLIER_H_
