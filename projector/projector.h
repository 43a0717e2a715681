#ifndef ROSTER_PROJECTOR_PROJECTOR_H_
#define ROSTER_PROJECTOR_PROJECTOR_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/file_lock.h"
#include "event-log/event_log.h"
#include "metrics/exposer.h"
#include "projector/control_server.h"
#include "projector/dead_letter_copier.h"
#include "projector/fold.h"
#include "projector/fold_metrics.h"
#include "projector/projector_options.h"
#include "projector/rebuild.h"
#include "read-model/folder.h"

namespace roster::projector {

// A running projector: the fold on a thread of its own, after what killed rebuilds left was removed, and a read model
// of an older schema was made anew (the old one is served meanwhile); the copier of dead letters where the log has a
// topic for them, and the server of operators' commands on the folder's Unix socket. What roster-projector runs, and
// tests run in process.
//
// Thread safety: Stop from one thread.
class Projector {
 public:
  // Opens the log that `options` names, makes and locks the folder, and starts folding; does not wait for the log to be
  // reachable. FAILED_PRECONDITION: another projector writes this read model. `on_end` is called from the fold's thread
  // when it has ended by itself, by an error that Stop returns. `clock` must outlive the projector.
  static absl::StatusOr<std::unique_ptr<Projector>> Start(const ProjectorOptions& options, const Clock& clock,
                                                          std::function<void()> on_end);
  // The same on a log that is open already.
  static absl::StatusOr<std::unique_ptr<Projector>> Start(const ProjectorOptions& options,
                                                          std::unique_ptr<event_log::EventLog> log, const Clock& clock,
                                                          std::function<void()> on_end);
  // As Stop.
  ~Projector();

  // What it counts of itself.
  const metrics::Registry& metrics() const { return registry_; }

  // Finishes the batch under way, and returns the error that had ended the fold by itself.
  absl::Status Stop();

 private:
  Projector(const ProjectorOptions& options, std::unique_ptr<event_log::EventLog> log, FileLock lock,
            const Clock& clock);

  const std::unique_ptr<event_log::EventLog> log_;
  const read_model::Folder folder_;
  FileLock lock_;
  Rebuilder rebuilder_;
  absl::StatusOr<std::optional<int64_t>> Upgrade();

  metrics::Registry registry_;
  FoldMetrics fold_metrics_;
  std::optional<DeadLetterCopier> copier_;
  std::unique_ptr<ControlServer> control_;
  std::unique_ptr<Fold> fold_;
  absl::Status result_;
  std::thread thread_;
  // Reads what is above.
  std::unique_ptr<metrics::Exposer> exposer_;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_PROJECTOR_H_
