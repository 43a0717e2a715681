#include "command-service/standby.h"

#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "base/backoff.h"
#include "base/error.h"
#include "base/log.h"

namespace roster::command {
namespace {

// Records wake the fold at once whatever this is; after so long without any the write model is committed.
constexpr absl::Duration kPollTimeout = absl::Seconds(1);

}  // namespace

Standby::Standby(event_log::EventLog& log, WriteModel& write_model, std::function<void()> on_change)
    : log_(log), write_model_(write_model), on_change_(std::move(on_change)), thread_([this] { Run(); }) {}

void Standby::Join() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    if (fold_ != nullptr) fold_->Interrupt();
  }
  pause_.End();
  if (thread_.joinable()) thread_.join();
}

absl::StatusOr<std::unique_ptr<Fold>> Standby::Stop() {
  Join();
  ROSTER_RETURN_IF_ERROR(outcome_);
  absl::MutexLock lock(&mutex_);
  return std::move(fold_);
}

void Standby::Run() {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(2));
  while (!Stopping()) {
    const absl::Status status = Follow();
    if (status.ok()) return;
    if (IsBeyondRepair(status)) {
      outcome_ = status;
      ended_ = true;
      return on_change_();
    }
    Log(LogLevel::kWarning, "cannot follow the log just now; trying again", {{"error", status}});
    pause_.For(backoff.Next());
  }
}

// OK once it is stopped.
absl::Status Standby::Follow() {
  ROSTER_RETURN_IF_ERROR(write_model_.fault().ok() ? absl::OkStatus() : write_model_.Rollback());
  ROSTER_ASSIGN_OR_RETURN(std::unique_ptr<Fold> opened, Fold::Open(log_, write_model_, [](const auto&...) {}));
  Fold& fold = *opened;
  {
    absl::MutexLock lock(&mutex_);
    fold_ = std::move(opened);
  }
  while (!Stopping()) {
    const absl::StatusOr<event_log::PollResult> result = fold.Step(kPollTimeout);
    absl::Status status = result.status();
    if (status.ok() && result->records == 0 && write_model_.uncommitted() > 0) status = write_model_.Commit();
    if (!status.ok()) {
      absl::MutexLock lock(&mutex_);
      fold_.reset();
      return status;
    }
    if (result->complete_as_of && !caught_up_.exchange(true)) on_change_();
  }
  return absl::OkStatus();
}

bool Standby::Stopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

}  // namespace roster::command
