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
  worker_.List(*this);
  if (timed_) {
    if ((*timed_)->first == time) return;
    worker_.times_.erase(*timed_);
    timed_.reset();
  }
  if (time != absl::InfiniteFuture()) timed_ = worker_.times_.emplace(time, this);
}

void Waiter::Yield() {
  worker_.List(*this);
  worker_.MakeDue(*this);
}

void Waiter::StopWaiting() { worker_.Unlist(*this); }

Worker::Worker(ServiceState& state, WakeUp& wake_up, std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : state_(state),
      wake_up_(wake_up),
      reader_(read_model::Folder(state.options.read_model)),
      queue_(std::move(queue)),
      wake_tag_(*this) {}

void Worker::Wake() {
  if (wake_pending_.exchange(true)) return;
  wake_alarm_.Set(queue_.get(), rpc::SteadyDeadline(absl::InfinitePast()),
                  static_cast<rpc::CompletionTag*>(&wake_tag_));
}

void Worker::OnWake() {
  // First, so that a ring from here on wakes again.
  wake_pending_ = false;
  reader_.LookAgain();
  for (Waiter* waiter : idle_) waiter->due_ = true;
  due_.splice(due_.end(), idle_);
}

void Worker::List(Waiter& waiter) {
  if (waiter.listed_) return;
  waiter.listed_ = idle_.insert(idle_.end(), &waiter);
  wake_up_.AddWaiter();
}

void Worker::Unlist(Waiter& waiter) {
  if (waiter.timed_) times_.erase(*waiter.timed_);
  waiter.timed_.reset();
  if (!waiter.listed_) return;
  (waiter.due_ ? due_ : idle_).erase(*waiter.listed_);
  waiter.listed_.reset();
  waiter.due_ = false;
  wake_up_.RemoveWaiter();
}

void Worker::MakeDue(Waiter& waiter) {
  if (waiter.due_) return;
  waiter.due_ = true;
  due_.splice(due_.end(), idle_, *waiter.listed_);
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
    idle_.splice(idle_.end(), due_, due_.begin());
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
