#include "projector/fold.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "base/error.h"
#include "base/log.h"
#include "base/steady_time.h"

namespace roster::projector {
namespace {

constexpr absl::Duration kRetryInitial = absl::Milliseconds(50);
// A failure that lasts is told again so often.
constexpr absl::Duration kTellAgain = absl::Seconds(30);

// Whether waiting cannot help.
bool NeedsOperator(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsDataLoss(status) || absl::IsInvalidArgument(status);
}

absl::Status Stopping() { return absl::UnavailableError("the projector is stopping: try again when it runs"); }

}  // namespace

Fold::Fold(const FoldOptions& options, event_log::EventLog& log, const read_model::Folder& folder, const Clock& clock,
           DeadLetterCopier* copier, FoldMetrics& metrics, HealthListener on_health, Prepare prepare)
    : step_(options, log, folder, clock, copier, metrics),
      metrics_(metrics),
      on_health_(std::move(on_health)),
      prepare_(std::move(prepare)),
      backoff_(std::min(kRetryInitial, options.retry_max), options.retry_max) {}

absl::Status Fold::Run() {
  const absl::Status status = RunLoop();
  SetServing(false);
  step_.Finish();
  {
    absl::MutexLock lock(&mutex_);
    ended_ = true;
  }
  FailCommands(Stopping());
  return status;
}

absl::Status Fold::RunLoop() {
  while (!stopping()) {
    if (prepare_) {
      FailCommands(absl::UnavailableError("the read model is being made anew for this version: try again later"));
    } else {
      RunCommands();
    }
    const absl::Status status = RunOnce();
    if (absl::IsCancelled(status)) continue;
    if (status.ok()) {
      HandleSuccess();
    } else if (NeedsOperator(status)) {
      return status;
    } else {
      HandleFailure(status);
    }
  }
  return absl::OkStatus();
}

absl::Status Fold::RunOnce() {
  if (!prepare_) return step_.Run();
  ROSTER_ASSIGN_OR_RETURN(const std::optional<int64_t> replaced, prepare_());
  if (replaced) step_.RemoveSoon(*replaced);
  prepare_ = {};
  return absl::OkStatus();
}

bool Fold::stopping() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void Fold::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  pause_.End();
  step_.Interrupt();
}

absl::Status Fold::RunWithWriter(absl::FunctionRef<absl::Status(read_model::Writer&)> run) {
  Command command{run};
  {
    absl::MutexLock lock(&mutex_);
    if (ended_ || stopping_) return Stopping();
    commands_.push_back(&command);
  }
  pause_.End();
  step_.Interrupt();
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&command.done));
  return command.result;
}

absl::Status Fold::RunPaused(absl::FunctionRef<absl::Status()> replace) {
  return RunWithWriter([&](read_model::Writer&) -> absl::Status {
    ROSTER_RETURN_IF_ERROR(replace());
    // From here on the live generation is another one, whatever becomes of opening it: the next step tries again.
    if (absl::Status followed = step_.FollowGeneration(); !followed.ok()) {
      Log(LogLevel::kWarning, "cannot open the new generation just now", {{"error", followed}});
    }
    return absl::OkStatus();
  });
}

void Fold::RunCommands() {
  for (;;) {
    Command* command = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      if (commands_.empty()) return;
      command = commands_.front();
      commands_.pop_front();
    }
    const absl::StatusOr<read_model::Writer*> writer = step_.OpenWriter();
    if (!writer.ok()) {
      FinishCommand(*command, absl::UnavailableError(writer.status().message()));
      continue;
    }
    absl::Status result = command->run(**writer);
    step_.Rollback();
    if (result.ok()) step_.Ring();
    FinishCommand(*command, std::move(result));
  }
}

void Fold::FinishCommand(Command& command, absl::Status result) {
  absl::MutexLock lock(&mutex_);
  command.result = std::move(result);
  command.done = true;
}

void Fold::FailCommands(const absl::Status& why) {
  absl::MutexLock lock(&mutex_);
  for (Command* command : commands_) {
    command->result = why;
    command->done = true;
  }
  commands_.clear();
}

void Fold::HandleFailure(const absl::Status& failure) {
  SetServing(false);
  metrics_.Retried();
  const absl::Time now = SteadyNow();
  failing_since_ = std::min(failing_since_, now);
  const absl::Duration wait = backoff_.Next();
  if (now - failure_logged_at_ >= kTellAgain) {
    failure_logged_at_ = now;
    Log(LogLevel::kWarning, "cannot go on just now: waiting, nothing is skipped",
        {{"error", failure},
         {"next_offsets", absl::StrJoin(step_.position().next_offsets, ",")},
         {"failing_for_s", absl::ToInt64Seconds(now - failing_since_)},
         {"retry_in_ms", absl::ToInt64Milliseconds(wait)}});
  }
  // Ended where it is stopped, or a command waits.
  pause_.For(wait);
}

void Fold::HandleSuccess() {
  if (failing_since_ != absl::InfiniteFuture()) {
    if (!step_.heard_from_log()) return;
    Log(LogLevel::kInfo, "going on again",
        {{"failed_for_ms", absl::ToInt64Milliseconds(SteadyNow() - failing_since_)}});
    failing_since_ = absl::InfiniteFuture();
    failure_logged_at_ = absl::InfinitePast();
    backoff_.Reset();
  }
  SetServing(step_.caught_up());
}

void Fold::SetServing(bool serving) {
  if (std::exchange(serving_, serving) == serving) return;
  if (serving)
    Log(LogLevel::kInfo, "the read model has caught up",
        {{"next_offsets", absl::StrJoin(step_.position().next_offsets, ",")}});
  metrics_.SetServing(serving);
  if (on_health_) on_health_(serving);
}

}  // namespace roster::projector
