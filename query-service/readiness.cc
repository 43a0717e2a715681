#include "query-service/readiness.h"

#include <utility>

#include "base/log.h"

namespace roster::query_service {

Readiness::Readiness(read_model::Folder folder, WakeUp& wake_up, std::function<void(bool)> set_serving)
    : reader_(std::move(folder)), wake_up_(wake_up), set_serving_(std::move(set_serving)) {
  wake_up_.AddWaiter();
}

void Readiness::Look() {
  if (serving_) return;
  reader_.LookAgain();
  const absl::StatusOr<read_model::Snapshot> snapshot = reader_.Begin();
  if (!snapshot.ok()) return TellOnce(snapshot.status());
  if (!snapshot->head().fresh_as_of) return;
  absl::MutexLock lock(&mutex_);
  if (stopped_ || serving_) return;
  Log(LogLevel::kInfo, "the read model is ready: serving");
  SetServing(true);
  wake_up_.RemoveWaiter();
}

// That there is none yet is how a first start looks.
void Readiness::TellOnce(const absl::Status& failure) {
  if (failure == told_ || absl::IsNotFound(failure)) return;
  told_ = failure;
  Log(LogLevel::kWarning, "the read model cannot be read", {{"error", failure}});
}

void Readiness::NotReady() {
  if (!serving_) return;
  absl::MutexLock lock(&mutex_);
  if (stopped_ || !serving_) return;
  Log(LogLevel::kWarning, "the read model is not ready any more: not serving");
  SetServing(false);
  wake_up_.AddWaiter();
}

void Readiness::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  SetServing(false);
}

void Readiness::SetServing(bool serving) {
  serving_ = serving;
  set_serving_(serving);
}

}  // namespace roster::query_service
