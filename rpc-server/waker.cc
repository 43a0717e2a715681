#include "rpc-server/waker.h"

#include "absl/time/time.h"
#include "rpc-server/steady_deadline.h"

namespace roster::rpc {

void Waker::Wake() {
  absl::MutexLock lock(&mutex_);
  if (pending_ || closed_) return;
  pending_ = true;
  alarm_.Set(&queue_, SteadyDeadline(absl::InfinitePast()), static_cast<CompletionTag*>(&tag_));
}

void Waker::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
  const auto at_rest = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !pending_ && !serving_; };
  mutex_.Await(absl::Condition(&at_rest));
}

void Waker::Tag::Complete(bool) {
  {
    absl::MutexLock lock(&waker.mutex_);
    // First, so that a Wake from here on has it called again.
    waker.pending_ = false;
    waker.serving_ = true;
  }
  waker.on_wake_();
  absl::MutexLock lock(&waker.mutex_);
  waker.serving_ = false;
}

}  // namespace roster::rpc
