#include "command-service/waker.h"

#include "absl/time/time.h"
#include "rpc-server/steady_deadline.h"

namespace roster::command {

void Waker::Wake() {
  absl::MutexLock lock(&mutex_);
  if (pending_ || closed_) return;
  pending_ = true;
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(&queue_, rpc::SteadyDeadline(absl::InfinitePast()), static_cast<rpc::CompletionTag*>(&tag_));
}

void Waker::Close() {
  absl::MutexLock lock(&mutex_);
  closed_ = true;
}

void Waker::Tag::Complete(bool) {
  {
    absl::MutexLock lock(&waker.mutex_);
    waker.pending_ = false;
  }
  waker.on_wake_();
}

}  // namespace roster::command
