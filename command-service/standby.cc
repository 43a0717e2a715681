#include "command-service/standby.h"

#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/time/time.h"
#include "base/backoff.h"
#include "base/error.h"
#include "base/log.h"

namespace roster::command {
namespace {

// Records wake the fold at once whatever this is; after so long without any the write model is committed.
constexpr absl::Duration kPollTimeout = absl::Seconds(1);

// Whether trying again will not help.
bool IsBeyondRepair(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsDataLoss(status) || absl::IsInvalidArgument(status);
}

}  // namespace

Standby::Standby(event_log::EventLog& log, WriteModel& write_model, std::function<void()> on_change)
    : log_(log), write_model_(write_model), on_change_(std::move(on_change)), thread_([this] { Run(); }) {}

absl::Status Standby::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (fold_ != nullptr) fold_->Interrupt();
  }
  if (thread_.joinable()) thread_.join();
  return outcome_;
}

void Standby::Run() {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(2));
  while (true) {
    const absl::Status status = Follow();
    if (status.ok()) return;
    if (IsBeyondRepair(status)) {
      outcome_ = status;
      ended_ = true;
      return on_change_();
    }
    Log(LogLevel::kWarning, "cannot follow the log just now; trying again", {{"error", status}});
    Pause(backoff.Next());
  }
}

// OK once it is stopped.
absl::Status Standby::Follow() {
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::OkStatus();
  }
  if (!write_model_.fault().ok()) ROSTER_RETURN_IF_ERROR(write_model_.Rollback());
  ROSTER_ASSIGN_OR_RETURN(const std::unique_ptr<Fold> fold, Fold::Open(log_, write_model_, [](const auto&...) {}));
  const absl::Cleanup forget = [this] {
    absl::MutexLock lock(&mutex_);
    fold_ = nullptr;
  };
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return absl::OkStatus();
      fold_ = fold.get();
    }
    ROSTER_ASSIGN_OR_RETURN(const event_log::PollResult result, fold->Step(kPollTimeout));
    if (result.complete_as_of && !caught_up_.exchange(true)) on_change_();
    if (result.records == 0 && write_model_.uncommitted() > 0) ROSTER_RETURN_IF_ERROR(write_model_.Commit());
  }
}

void Standby::Pause(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), duration);
}

}  // namespace roster::command
