#ifndef ROSTER_PROJECTOR_DEAD_LETTER_COPIER_H_
#define ROSTER_PROJECTOR_DEAD_LETTER_COPIER_H_

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "base/pause.h"
#include "event-log/event_log.h"
#include "read-model/dead_letter.h"
#include "read-model/folder.h"
#include "read-model/inspector.h"

namespace roster::projector {

// The record that a dead letter becomes on the dead-letter topic: its own key, value and headers, and beside them the
// headers that Kafka Connect writes (`__connect.errors.*`) and x-original-topic, x-original-partition,
// x-original-offset and x-error. `topic` is where it stood.
event_log::Record DeadLetterRecord(const std::string& topic, const read_model::DeadLetter& letter);

// Copies dead letters to the log's dead-letter topic on a thread of its own, so that the fold waits for no broker: each
// at least once. They are read from the committed read model; the fold marks those that are copied.
//
// Thread safety: safe from any thread.
class DeadLetterCopier {
 public:
  // `log` must outlive it. Starts its thread.
  DeadLetterCopier(event_log::EventLog& log, read_model::Folder folder, std::string topic);
  // Waits for a copy under way.
  ~DeadLetterCopier();

  // There may be new dead letters.
  void LookAgain();
  // Those that were copied since the last call, to be marked in the read model.
  std::vector<read_model::DeadLetterId> TakeCopied();
  // Those that were taken may not have been marked: begin again with all that are not.
  void StartOver();

 private:
  void Run();
  // Copies all that are not copied; an error is worth another attempt.
  absl::Status CopyAll();
  absl::Status Copy(read_model::Inspector& inspector, read_model::DeadLetterId id);
  bool IsHandled(read_model::DeadLetterId id);

  event_log::EventLog& log_;
  const read_model::Folder folder_;
  const std::string topic_;

  Pause pause_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool look_ ABSL_GUARDED_BY(mutex_) = true;
  // Copied, or refused by the topic for good, and perhaps not marked in the read model yet.
  std::set<read_model::DeadLetterId> handled_ ABSL_GUARDED_BY(mutex_);
  std::vector<read_model::DeadLetterId> copied_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_DEAD_LETTER_COPIER_H_
