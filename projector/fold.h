#ifndef ROSTER_PROJECTOR_FOLD_H_
#define ROSTER_PROJECTOR_FOLD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/pause.h"
#include "event-log/event_log.h"
#include "projector/dead_letter_copier.h"
#include "projector/fold_options.h"
#include "projector/fold_step.h"
#include "read-model/folder.h"
#include "read-model/writer.h"

namespace roster::projector {

// The projector's loop: folds the log into the read model from where that stands, batch by batch, for ever.
//
// Delivery: rows and position are one transaction, so that after a crash at any point no record is lost and none counts
// twice. What cannot be folded is kept as a dead letter in the same transaction. What fails and may pass (disk, broker)
// is waited for and reported, and nothing is skipped.
//
// Thread safety: Run from one thread; the rest from any.
class Fold {
 public:
  // Called from Run's thread whenever this changes: the read model has once reached the log's end, and nothing fails.
  using HealthListener = std::function<void(bool serving)>;

  // Brings the read model into a form in which it can be folded on. Called on Run's thread before anything else, again
  // and again where it fails as the log may. Returns the generation in whose place it put another one, if any.
  using Prepare = std::function<absl::StatusOr<std::optional<int64_t>>()>;

  // As FoldStep takes them.
  Fold(const FoldOptions& options, event_log::EventLog& log, const read_model::Folder& folder, const Clock& clock,
       DeadLetterCopier* copier, FoldMetrics& metrics, HealthListener on_health, Prepare prepare = {});

  // Folds until Stop, or until an error that only an operator can mend: another log under the same name, a damaged log
  // or read model. The message says what to do.
  absl::Status Run();
  // Ends Run soon. A fold that has stopped cannot run again.
  void Stop();

  // Runs `command` on Run's thread between two batches, and rings the doorbell when it succeeded. It begins and commits
  // transactions of its own; one left open is rolled back. UNAVAILABLE while the read model cannot be written, and when
  // the fold stops.
  absl::Status RunWithWriter(absl::FunctionRef<absl::Status(read_model::Writer&)> command);

  // Runs `replace` on Run's thread between two batches, when everything folded is committed, and then goes on with the
  // generation that `current` names. Errors as RunWithWriter.
  absl::Status RunPaused(absl::FunctionRef<absl::Status()> replace);

  // Whether Stop was called.
  bool stopping();

 private:
  struct Command {
    // Called with the step's writer open.
    absl::FunctionRef<absl::Status(read_model::Writer&)> run;
    bool done = false;
    absl::Status result;
  };

  absl::Status RunLoop();
  absl::Status RunOnce();
  void RunCommands();
  void FinishCommand(Command& command, absl::Status result);
  void FailCommands(const absl::Status& why);
  void HandleFailure(const absl::Status& failure);
  void HandleSuccess();
  void SetServing(bool serving);

  FoldStep step_;
  FoldMetrics& metrics_;
  const HealthListener on_health_;
  // Empty once it has succeeded.
  Prepare prepare_;
  Backoff backoff_;
  absl::Time failing_since_ = absl::InfiniteFuture();
  absl::Time failure_logged_at_ = absl::InfinitePast();
  bool serving_ = false;

  Pause pause_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // No further command is taken: Run is not under way any more.
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Command*> commands_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_FOLD_H_
