#ifndef ROSTER_BASE_HELPER_THREAD_H_
#define ROSTER_BASE_HELPER_THREAD_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/functional/function_ref.h"

namespace roster {

// A thread that makes calls for its owner, one at a time, so that the owner can do something else meanwhile. What a
// call wrote is there for the owner to read after Join, and what the owner wrote before Start is there for the call.
//
// Thread safety: one thread, the owner.
class HelperThread {
 public:
  HelperThread() = default;
  // Waits for the call under way.
  ~HelperThread();

  // Begins `call`. None may be under way.
  void Start(std::function<void()> call);
  // Returns once the call has ended, or where there is none; meanwhile runs `while_waiting` here, at once and then
  // every two milliseconds.
  void Join(absl::FunctionRef<void()> while_waiting);

  // Start and Join, for a call that may block.
  void Run(absl::FunctionRef<void()> call, absl::FunctionRef<void()> while_waiting);

 private:
  void Serve();

  // Started with the first call.
  std::thread thread_;
  // Of the standard library, whose waits go by a clock that nobody sets (base/pause.h).
  std::mutex mutex_;
  std::condition_variable changed_;
  // Set while a call is under way.
  std::function<void()> call_;
  bool stopping_ = false;
};

}  // namespace roster

#endif  // ROSTER_BASE_HELPER_THREAD_H_
