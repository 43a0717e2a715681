#ifndef ROSTER_COMMAND_SERVICE_STANDBY_H_
#define ROSTER_COMMAND_SERVICE_STANDBY_H_

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/pause.h"
#include "command-service/fold.h"
#include "command-service/write_model.h"
#include "event-log/event_log.h"

namespace roster::command {

// Keeps the write model current while another command service leads, so that this one has little to fold when it is
// elected: follows the log on a thread of its own, to which the write model belongs until Stop. Waits for a log that
// is away.
//
// Thread safety: one thread.
class Standby {
 public:
  // `on_change` is called by Standby's thread when caught_up or ended become true. All must outlive it.
  Standby(event_log::EventLog& log, WriteModel& write_model, std::function<void()> on_change);
  ~Standby() { Join(); }

  // Whether the log's end was reached once.
  bool caught_up() const { return caught_up_; }
  // Whether it has given up: Stop says why.
  bool ended() const { return ended_; }

  // Ends the fold, and gives the write model back. An error says why the log or the write model cannot be used as
  // things are (FAILED_PRECONDITION, DATA_LOSS), and what to do. Else the fold, to go on with where it stands; null
  // where there is none just now.
  absl::StatusOr<std::unique_ptr<Fold>> Stop();

 private:
  void Join();
  void Run();
  absl::Status Follow();
  bool Stopping();

  event_log::EventLog& log_;
  WriteModel& write_model_;
  const std::function<void()> on_change_;
  std::atomic<bool> caught_up_ = false;
  std::atomic<bool> ended_ = false;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<Fold> fold_ ABSL_GUARDED_BY(mutex_);
  Pause pause_;
  // Written by the thread, read once it has ended.
  absl::Status outcome_;
  std::thread thread_;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_STANDBY_H_
