#ifndef ROSTER_QUERY_SERVICE_WAKE_UP_H_
#define ROSTER_QUERY_SERVICE_WAKE_UP_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/doorbell.h"
#include "base/file_identity.h"
#include "base/pause.h"
#include "read-model/folder.h"

namespace roster::query_service {

// Hears the read model's doorbell and says so. Sleeps without end while nobody waits; while somebody does it also calls
// every second, since a ring may be lost with its ringer, or with the folder.
//
// Thread safety: safe from any thread.
class WakeUp {
 public:
  explicit WakeUp(read_model::Folder folder) : folder_(std::move(folder)) {}
  ~WakeUp() { Stop(); }

  // Starts the thread, which calls `on_ring`. Makes the folder where there is none, since only a folder that is there
  // can be watched.
  void Start(std::function<void()> on_ring);
  // Returns once `on_ring` will not be called any more.
  void Stop();

  // One more, or one fewer, waits. To be called before the waiter looks for the last time.
  void AddWaiter();
  void RemoveWaiter() { --waiters_; }

 private:
  void Run();
  void Wait(DoorbellListener* listener);
  // The listener on the folder as it is now; absent, with a log line, where it cannot be watched.
  std::shared_ptr<DoorbellListener> Listener();
  void Interrupt();

  const read_model::Folder folder_;
  std::function<void()> on_ring_;
  std::atomic<int> waiters_ = 0;
  std::atomic<bool> stopped_ = false;

  // While there is no listener.
  Pause pause_;
  absl::Mutex mutex_;
  std::shared_ptr<DoorbellListener> listener_ ABSL_GUARDED_BY(mutex_);
  // The folder that `listener_` watches.
  std::optional<FileIdentity> watched_ ABSL_GUARDED_BY(mutex_);
  // Set while there is none that can be watched; told once.
  bool cannot_watch_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_WAKE_UP_H_
