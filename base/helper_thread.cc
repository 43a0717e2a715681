#include "base/helper_thread.h"

#include <cassert>
#include <chrono>
#include <utility>

namespace roster {

HelperThread::~HelperThread() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void HelperThread::Start(std::function<void()> call) {
  {
    const std::lock_guard lock(mutex_);
    assert(!call_);
    call_ = std::move(call);
    changed_.notify_all();
  }
  if (!thread_.joinable()) thread_ = std::thread([this] { Serve(); });
}

void HelperThread::Join(absl::FunctionRef<void()> while_waiting) {
  constexpr std::chrono::milliseconds kSlice(2);
  for (;;) {
    while_waiting();
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, kSlice, [this] { return !call_; })) return;
  }
}

void HelperThread::Run(absl::FunctionRef<void()> call, absl::FunctionRef<void()> while_waiting) {
  Start([call] { call(); });
  Join(while_waiting);
}

void HelperThread::Serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return call_ || stopping_; });
    if (!call_) return;
    lock.unlock();
    // Only the owner sets it, and not while it is set.
    call_();
    lock.lock();
    call_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace roster
