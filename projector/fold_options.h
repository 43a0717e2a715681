#ifndef ROSTER_PROJECTOR_FOLD_OPTIONS_H_
#define ROSTER_PROJECTOR_FOLD_OPTIONS_H_

#include "absl/time/time.h"
#include "tracing/log_tracer.h"

namespace roster::projector {

// How the projector folds. The flags of the same names say when to change them (projector_options.cc).
struct FoldOptions {
  // A transaction ends at whichever of these three comes first.
  int batch_records = 20'000;
  int batch_bytes = 16 << 20;
  // Near the log's end a transaction takes much less: see FoldStep::BatchTime.
  absl::Duration batch_time = absl::Milliseconds(250);
  // How often fresh_as_of is written when nothing comes.
  absl::Duration fresh_interval = absl::Seconds(2);
  // How long changes are kept, for watches to resume from.
  absl::Duration changes_retention = absl::Hours(7 * 24);
  // Longest wait between two attempts when the disk or the log fails.
  absl::Duration retry_max = absl::Seconds(2);
  // No flag: traces what is applied.
  tracing::LogTracer log_tracer;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_FOLD_OPTIONS_H_
