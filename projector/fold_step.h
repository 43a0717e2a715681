#ifndef ROSTER_PROJECTOR_FOLD_STEP_H_
#define ROSTER_PROJECTOR_FOLD_STEP_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/doorbell.h"
#include "base/file_identity.h"
#include "event-log/event_log.h"
#include "projector/applier.h"
#include "projector/apply_traces.h"
#include "projector/dead_letter_copier.h"
#include "projector/fold_metrics.h"
#include "projector/fold_options.h"
#include "read-model/folder.h"
#include "read-model/writer.h"

namespace roster::projector {

// One step of the fold at a time: reads a batch from the log and commits it, with the position, to the read model.
// Holds the read model's writer and the log's reader, and opens them anew, from the position in the file, after they
// failed.
//
// Thread safety: one thread, but for Interrupt.
class FoldStep {
 public:
  // All must outlive it. The caller holds the folder's lock. `copier` may be null: dead letters are not copied.
  FoldStep(const FoldOptions& options, event_log::EventLog& log, const read_model::Folder& folder, const Clock& clock,
           DeadLetterCopier* copier, FoldMetrics& metrics);

  // The read model's writer, outside of any transaction; opened where it is not.
  // FAILED_PRECONDITION where its file is not in its place any more.
  absl::StatusOr<read_model::Writer*> OpenWriter();
  // Rolls back what the writer has not committed, where it is open.
  void Rollback();
  // Folds what the log has, or waits for the next record for about the fresh interval. After an error nothing of the
  // batch is in the file, or all of it; call again. FAILED_PRECONDITION and DATA_LOSS do not pass by themselves.
  absl::Status Run();
  // Ends the present Run, or the next one, early. From any thread.
  void Interrupt();

  // Whether the read model holds, or has held, everything that was on the log.
  bool caught_up() const { return caught_up_; }
  // Whether the last Run brought records, or news of the log's end: silence alone is no sign that the log is there.
  bool heard_from_log() const { return heard_from_log_; }
  const Position& position() const { return checkpoint_.position; }

  // To be called after `current` was made to name a generation that stands where this fold does: goes on with that one.
  // The former one is removed a little later, when nobody is about to open it any more.
  absl::Status FollowGeneration();

  // Removes a generation that is not live any more a little later, when nobody is about to open it.
  void RemoveSoon(int64_t former_generation);

  // Tells those who wait to look at the read model again.
  void Ring();
  // Writes what is left to note, and reports the last position to the log. To be called at the end.
  void Finish();

 private:
  // What a batch of records came to.
  struct Batch {
    std::optional<Applier> applier;
    // There with the applier.
    std::optional<ApplyTraces> traces;
    // Set where the log's end was reached.
    std::optional<absl::Time> complete_as_of;
    // The writer's error; the batch must be rolled back.
    absl::Status write_error;
    // The log's error; what was read before it counts.
    absl::Status read_error;
  };

  absl::Status OpenReader();
  // FAILED_PRECONDITION where the generation that is written was removed or replaced by somebody else.
  absl::Status CheckInPlace() const;
  Batch ReadBatch(read_model::Writer& writer);
  absl::Status Fold(read_model::Writer& writer, const event_log::RecordView& record, Batch& batch);
  absl::Status Commit(read_model::Writer& writer, const Batch& batch);
  absl::Status WriteUpkeep(read_model::Writer& writer);
  absl::Status AfterBatch(Batch& batch);
  void NoteCommitted(const Batch& batch);
  void Measure(const Batch& batch, absl::Duration commit_took);
  void ReportProgress();
  void RemoveFormerGeneration();

  bool IsFull(const Batch& batch, absl::Time began) const;
  absl::Duration BatchTime() const;
  int ChunkRecords(const Batch& batch) const;
  bool FreshIsDue() const;
  absl::Duration IdleTime() const;
  // Forgets what rests on a transaction that was not committed.
  void Close();
  void SetReader(std::unique_ptr<event_log::Reader> reader);

  const FoldOptions options_;
  event_log::EventLog& log_;
  const read_model::Folder folder_;
  const Clock& clock_;
  DeadLetterCopier* const copier_;
  FoldMetrics& metrics_;

  std::unique_ptr<read_model::Writer> writer_;
  // The writer's.
  int64_t generation_ = 0;
  std::optional<FileIdentity> file_;
  // To be removed at that time.
  std::optional<int64_t> former_generation_;
  absl::Time remove_former_at_ = absl::InfiniteFuture();
  std::unique_ptr<Doorbell> doorbell_;
  // Where the fold stands, as committed, while there is a reader. Empty: the log had no genesis record when it was
  // opened.
  Checkpoint checkpoint_;
  bool caught_up_ = false;
  bool heard_from_log_ = false;

  // absl::InfinitePast() where it never happened.
  absl::Time end_reached_at_ = absl::InfinitePast();
  absl::Time fresh_written_at_ = absl::InfinitePast();
  absl::Time pruned_at_ = absl::InfinitePast();
  absl::Time progress_reported_at_ = absl::InfinitePast();
  Position reported_position_;

  std::atomic<bool> interrupted_ = false;
  absl::Mutex reader_mutex_;
  // Changed under the mutex, so that Interrupt finds it; otherwise the fold's thread's own.
  std::unique_ptr<event_log::Reader> reader_;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_FOLD_STEP_H_
