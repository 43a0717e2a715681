#include "base/helper_thread.h"

#include <cassert>
#include <utility>

#include "absl/time/time.h"

namespace roster {

HelperThread::~HelperThread() {
  if (!thread_.joinable()) return;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void HelperThread::Start(std::function<void()> call) {
  {
    absl::MutexLock lock(&mutex_);
    assert(!call_);
    call_ = std::move(call);
  }
  if (!thread_.joinable()) thread_ = std::thread([this] { Serve(); });
}

void HelperThread::Join() {
  absl::MutexLock lock(&mutex_);
  const auto ended = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !call_; };
  mutex_.Await(absl::Condition(&ended));
}

void HelperThread::Join(absl::FunctionRef<void()> while_waiting) {
  constexpr absl::Duration kSlice = absl::Milliseconds(2);
  const auto ended = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !call_; };
  for (;;) {
    while_waiting();
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&ended), kSlice)) return;
  }
}

void HelperThread::Run(absl::FunctionRef<void()> call, absl::FunctionRef<void()> while_waiting) {
  Start([call] { call(); });
  Join(while_waiting);
}

void HelperThread::Serve() {
  const auto wanted = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return call_ || stopping_; };
  absl::MutexLock lock(&mutex_);
  for (;;) {
    mutex_.Await(absl::Condition(&wanted));
    if (!call_) return;
    // Only the owner sets it, and not while it is set.
    const std::function<void()>& call = call_;
    mutex_.Unlock();
    call();
    mutex_.Lock();
    call_ = nullptr;
  }
}

}  // namespace roster
