#include "query-service/wake_up.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace roster::query_service {
namespace {

constexpr absl::Duration kLookInterval = absl::Seconds(1);

}  // namespace

void WakeUp::Start(std::function<void()> on_ring) {
  on_ring_ = std::move(on_ring);
  Listener();
  thread_ = std::thread([this] { Run(); });
}

void WakeUp::Stop() {
  stopped_ = true;
  Interrupt();
  if (thread_.joinable()) thread_.join();
}

void WakeUp::AddWaiter() {
  if (waiters_++ == 0) Interrupt();
}

void WakeUp::Interrupt() {
  pause_.End();
  absl::MutexLock lock(&mutex_);
  if (listener_ != nullptr) listener_->Interrupt();
}

std::shared_ptr<DoorbellListener> WakeUp::Listener() {
  std::error_code ignored;
  std::filesystem::create_directories(folder_.path(), ignored);
  const std::optional<FileIdentity> found = IdentifyFile(folder_.path());
  absl::MutexLock lock(&mutex_);
  if (listener_ != nullptr && found && found == watched_) return listener_;
  auto opened = DoorbellListener::Open(folder_.DoorbellPath());
  if (!opened.ok()) {
    if (!std::exchange(cannot_watch_, true))
      Log(LogLevel::kWarning, "cannot watch the read model's folder; looking every second",
          {{"error", opened.status()}});
    listener_ = nullptr;
    return nullptr;
  }
  cannot_watch_ = false;
  watched_ = found;
  listener_ = *std::move(opened);
  return listener_;
}

void WakeUp::Run() {
  std::shared_ptr<DoorbellListener> listener;
  while (!stopped_) {
    std::shared_ptr<DoorbellListener> before = std::exchange(listener, Listener());
    // What happened before a new listener was there, it has not heard.
    if (listener == before) Wait(listener.get());
    if (!stopped_ && waiters_ > 0) on_ring_();
  }
}

void WakeUp::Wait(DoorbellListener* listener) {
  if (listener != nullptr) {
    listener->Wait(waiters_ > 0 ? kLookInterval : absl::InfiniteDuration());
    return;
  }
  pause_.For(kLookInterval);
}

}  // namespace roster::query_service
