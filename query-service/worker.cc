#include "query-service/worker.h"

#include <utility>

#include "base/steady_time.h"
#include "rpc-server/steady_deadline.h"

namespace roster::query_service {
namespace {

// Waiters served between two looks at the queue: some hundred microseconds.
constexpr int kWaitersATurn = 32;

}  // namespace

bool OpenCount::Enter() {
  if (++open_ <= limit_) return true;
  --open_;
  return false;
}

Waiter::~Waiter() { StopWaiting(); }

void Waiter::WaitUntil(absl::Time time) {
  worker_.Listen(*this);
  worker_.SetTime(*this, time);
}

void Waiter::SleepUntil(absl::Time time) {
  worker_.Unlist(*this);
  worker_.SetTime(*this, time);
}

void Waiter::Yield() {
  worker_.Listen(*this);
  worker_.MakeDue(*this);
}

void Waiter::StopWaiting() { worker_.Unlist(*this); }

Worker::Worker(ServiceState& state, WakeUp& wake_up, std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : state_(state),
      wake_up_(wake_up),
      reader_(read_model::Folder(state.options.read_model)),
      queue_(std::move(queue)),
      waker_(*queue_, [this] { OnWake(); }) {}

void Worker::OnWake() {
  reader_.LookAgain();
  for (Waiter* waiter : idle_) waiter->due_ = true;
  due_.splice(due_.end(), idle_);
  if (!stopping()) return;
  for (const auto& [time, sleeper] : times_) MakeDue(*sleeper);
}

void Worker::Listen(Waiter& waiter) {
  if (!waiter.listed_) waiter.listed_ = idle_.insert(idle_.end(), &waiter);
  if (waiter.listens_) return;
  waiter.listens_ = true;
  wake_up_.AddWaiter();
}

void Worker::SetTime(Waiter& waiter, absl::Time time) {
  if (waiter.timed_) {
    if ((*waiter.timed_)->first == time) return;
    times_.erase(*waiter.timed_);
    waiter.timed_.reset();
  }
  if (time != absl::InfiniteFuture()) waiter.timed_ = times_.emplace(time, &waiter);
}

void Worker::Unlist(Waiter& waiter) {
  if (waiter.timed_) times_.erase(*waiter.timed_);
  waiter.timed_.reset();
  if (waiter.listed_) (waiter.due_ ? due_ : idle_).erase(*waiter.listed_);
  waiter.listed_.reset();
  waiter.due_ = false;
  if (std::exchange(waiter.listens_, false)) wake_up_.RemoveWaiter();
}

void Worker::MakeDue(Waiter& waiter) {
  if (waiter.due_) return;
  waiter.due_ = true;
  if (waiter.listed_) {
    due_.splice(due_.end(), idle_, *waiter.listed_);
  } else {
    waiter.listed_ = due_.insert(due_.end(), &waiter);
  }
}

void Worker::ServeDueWaiters() {
  if (!times_.empty()) {
    const absl::Time now = SteadyNow();
    while (!times_.empty() && times_.begin()->first <= now) {
      Waiter& waiter = *times_.begin()->second;
      waiter.timed_.reset();
      times_.erase(times_.begin());
      MakeDue(waiter);
    }
  }
  for (int served = 0; served < kWaitersATurn && !due_.empty(); ++served) {
    Waiter& waiter = *due_.front();
    waiter.due_ = false;
    if (waiter.listens_) {
      idle_.splice(idle_.end(), due_, due_.begin());
    } else {
      due_.pop_front();
      waiter.listed_.reset();
    }
    waiter.Look();
  }
}

absl::Time Worker::NextTime() const {
  if (!due_.empty()) return absl::InfinitePast();
  return times_.empty() ? absl::InfiniteFuture() : times_.begin()->first;
}

void Worker::Run() {
  for (;;) {
    ServeDueWaiters();
    void* tag = nullptr;
    bool ok = false;
    switch (queue_->AsyncNext(&tag, &ok, rpc::SteadyDeadline(NextTime()))) {
      case grpc::CompletionQueue::SHUTDOWN:
        return;
      case grpc::CompletionQueue::GOT_EVENT:
        static_cast<rpc::CompletionTag*>(tag)->Complete(ok);
        break;
      case grpc::CompletionQueue::TIMEOUT:
        break;
    }
  }
}

}  // namespace roster::query_service
