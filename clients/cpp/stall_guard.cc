#include "clients/cpp/stall_guard.h"

#include "base/steady_time.h"

namespace roster::client {

StallGuard::StallGuard(grpc::ClientContext& context) : context_(context), thread_([this] { Run(); }) {}

StallGuard::~StallGuard() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_one();
  }
  thread_.join();
}

void StallGuard::Arm(absl::Duration timeout) {
  const std::lock_guard lock(mutex_);
  const absl::Time deadline = SteadyNow() + timeout;
  // A later deadline is seen when the earlier one passes: no need to wake the thread for each message.
  if (deadline < deadline_) changed_.notify_one();
  deadline_ = deadline;
}

void StallGuard::Disarm() {
  const std::lock_guard lock(mutex_);
  deadline_ = absl::InfiniteFuture();
}

absl::Status StallGuard::Explain(const absl::Status& status) const {
  const std::lock_guard lock(mutex_);
  if (!fired_) return status;
  return absl::DeadlineExceededError("the service sent nothing for the whole timeout");
}

void StallGuard::Run() {
  std::unique_lock lock(mutex_);
  while (!stop_ && !fired_) {
    if (deadline_ == absl::InfiniteFuture()) {
      changed_.wait(lock);
    } else {
      changed_.wait_for(lock, absl::ToChronoNanoseconds(deadline_ - SteadyNow()));
    }
    if (stop_ || SteadyNow() < deadline_) continue;
    fired_ = true;
    context_.TryCancel();
  }
}

}  // namespace roster::client
