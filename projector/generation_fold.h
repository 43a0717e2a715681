#ifndef ROSTER_PROJECTOR_GENERATION_FOLD_H_
#define ROSTER_PROJECTOR_GENERATION_FOLD_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/position.h"
#include "event-log/event_log.h"
#include "read-model/writer.h"

namespace roster::projector {

// Folds the log into a generation that is not live, up to a given position and not a record further: so that it can be
// compared with another one that stands there, and take its place.
//
// Thread safety: one thread.
class GenerationFold {
 public:
  struct Settings {
    // Looked at several times a second; once it is false a fold ends with CANCELLED.
    std::function<bool()> keep_going;
    // Hears of each commit: records folded since the fold began, and all there are to fold; 0: not known.
    std::function<void(int64_t records, int64_t total)> on_progress;
    // How long the log may be unavailable before a fold gives up.
    absl::Duration patience = absl::Seconds(60);
  };

  // `log` and `clock` must outlive it.
  GenerationFold(event_log::EventLog& log, const Clock& clock, Settings settings);

  // Folds from where `writer` stands until it stands at `target`, which another fold of the same log has reached.
  // UNAVAILABLE: log or disk cannot be used just now. FAILED_PRECONDITION: it is another log.
  absl::Status FoldTo(read_model::Writer& writer, const Checkpoint& target);
  // The same to the end of the log as of now; states since when it is complete.
  absl::Status FoldToEnd(read_model::Writer& writer);

 private:
  class Run;

  event_log::EventLog& log_;
  const Clock& clock_;
  const Settings settings_;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_GENERATION_FOLD_H_
