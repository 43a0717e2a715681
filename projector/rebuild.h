#ifndef ROSTER_PROJECTOR_REBUILD_H_
#define ROSTER_PROJECTOR_REBUILD_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/position.h"
#include "event-log/event_log.h"
#include "read-model/folder.h"
#include "read-model/frozen_generation.h"

namespace roster::projector {

// What a rebuild is at.
enum class RebuildPhase { kFolding, kIndexing, kComparing, kCatchingUp, kSwitching };

// How the new generation becomes the live one.
enum class SwitchWhen {
  // Not at all: the comparison is all that is wanted.
  kNever,
  // Where its users are those of the live one.
  kEqual,
  // Whatever the comparison says, and also where the live one cannot be read.
  kAlways,
};

struct RebuildProgress {
  RebuildPhase phase = RebuildPhase::kFolding;
  // Of this phase. `total` is 0 where it is not known.
  int64_t records = 0;
  int64_t total = 0;
};

struct RebuildCall {
  // Runs what it is given while nobody writes the live generation. After that has returned OK, `current` names another
  // one, which is to be followed. An error says that the live one cannot be written just now. By default nobody does.
  std::function<absl::Status(absl::FunctionRef<absl::Status()>)> with_live_paused =
      [](absl::FunctionRef<absl::Status()> replace) { return replace(); };
  SwitchWhen switch_when = SwitchWhen::kEqual;
  // Looked at several times a second; once it is false the rebuild ends with CANCELLED, and leaves no trace.
  std::function<bool()> keep_going = [] { return true; };
  // May be empty.
  std::function<void(const RebuildProgress&)> on_progress;
};

struct RebuildResult {
  // Where the generation that was made stands.
  Position position;
  // Whether it is the live one now; else it was removed.
  bool switched = false;
  int64_t generation = 0;
  // The live generation is the first, the new one the second. Absent where there was nothing to compare with, or it
  // cannot be read: then `not_compared` says why.
  std::optional<read_model::Comparison> comparison;
  std::string not_compared;
  absl::Duration elapsed;
};

// Makes a new generation of a read model from the log's first record, beside the live one, which goes on being written
// and read; compares the users of both at one position; and lets the new one take the live one's place, at a position
// nowhere behind it, with what an operator has decided about dead letters. No reader meets an error by that: tokens,
// pages and watches name positions and keys. Where users differ, watches from before must list again.
//
// Whenever it ends before the switch, by whatever means, the live generation is as it was. Files that a killed process
// leaves are removed when the next projector or rebuild starts.
//
// Thread safety: safe from any thread; one rebuild at a time.
class Rebuilder {
 public:
  // All must outlive it. The caller holds the folder's lock.
  Rebuilder(event_log::EventLog& log, const read_model::Folder& folder, const Clock& clock);

  // FAILED_PRECONDITION: another rebuild is under way; the log is not the one that the live generation is a fold of.
  // UNAVAILABLE: disk or log cannot be used just now.
  absl::StatusOr<RebuildResult> Run(const RebuildCall& call);

 private:
  class Attempt;

  event_log::EventLog& log_;
  const read_model::Folder folder_;
  const Clock& clock_;
  absl::Mutex mutex_;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_REBUILD_H_
