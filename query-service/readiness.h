#ifndef ROSTER_QUERY_SERVICE_READINESS_H_
#define ROSTER_QUERY_SERVICE_READINESS_H_

#include <atomic>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "query-service/wake_up.h"
#include "read-model/reader.h"

namespace roster::query_service {

// Keeps the server's health: serving once the read model has reached the log's end, and not while it cannot be read.
// Waits for that by the doorbell; once serving, it costs nothing until a call meets a read model that is not ready.
//
// Thread safety: safe from any thread; Look from one.
class Readiness {
 public:
  // `set_serving` must be callable until Stop returns.
  Readiness(read_model::Folder folder, WakeUp& wake_up, std::function<void(bool)> set_serving);

  // To be called on each ring.
  void Look();
  // A call has met a read model that is not ready.
  void NotReady();
  // Not serving from now on.
  void Stop();

 private:
  void TellOnce(const absl::Status& failure);
  void SetServing(bool serving) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  read_model::Reader reader_;
  WakeUp& wake_up_;
  const std::function<void(bool)> set_serving_;
  // What Look has logged last.
  absl::Status told_;
  std::atomic<bool> serving_ = false;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_READINESS_H_
