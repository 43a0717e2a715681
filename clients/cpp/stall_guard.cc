#include "clients/cpp/stall_guard.h"

#include "base/steady_time.h"

namespace roster::client {

StallGuard::StallGuard(grpc::ClientContext& context) : context_(context), thread_([this] { Run(); }) {}

StallGuard::~StallGuard() {
  {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
    changed_.Signal();
  }
  thread_.join();
}

void StallGuard::Arm(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const absl::Time deadline = SteadyNow() + timeout;
  // A later deadline is seen when the earlier one passes: no need to wake the thread for each message.
  if (deadline < deadline_) changed_.Signal();
  deadline_ = deadline;
}

void StallGuard::Disarm() {
  absl::MutexLock lock(&mutex_);
  deadline_ = absl::InfiniteFuture();
}

absl::Status StallGuard::Explain(const absl::Status& status) const {
  absl::MutexLock lock(&mutex_);
  if (!fired_) return status;
  return absl::DeadlineExceededError("the service sent nothing for the whole timeout");
}

void StallGuard::Run() {
  absl::MutexLock lock(&mutex_);
  while (!stop_ && !fired_) {
    changed_.WaitWithTimeout(&mutex_, deadline_ - SteadyNow());
    if (stop_ || SteadyNow() < deadline_) continue;
    fired_ = true;
    context_.TryCancel();
  }
}

}  // namespace roster::client
