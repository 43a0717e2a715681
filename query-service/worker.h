#ifndef ROSTER_QUERY_SERVICE_WORKER_H_
#define ROSTER_QUERY_SERVICE_WORKER_H_

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>

#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "metrics/registry.h"
#include "query-service/options.h"
#include "query-service/wake_up.h"
#include "query-service/watch_feed.h"
#include "read-model/reader.h"
#include "rpc-server/async_call.h"
#include "rpc-server/waker.h"

namespace roster::query_service {

class Worker;

// How many of something are open in the whole service.
//
// Thread safety: safe from any thread.
class OpenCount {
 public:
  explicit OpenCount(int limit) : limit_(limit) {}
  // False where the limit is reached; else owes a Leave.
  bool Enter();
  void Leave() { --open_; }
  int open() const { return open_.load(std::memory_order_relaxed); }

 private:
  const int limit_;
  std::atomic<int> open_ = 0;
};

// What the workers have in common.
struct ServiceState {
  ServiceState(const QueryServiceOptions& options, metrics::Registry& registry)
      : options(options),
        read_wait(registry.AddHistogram("roster_query_read_wait_seconds",
                                        "How long those reads waited whose read_after was not there at once.",
                                        metrics::DurationBounds())),
        watches(options.max_watches),
        lists(options.max_lists),
        waiting_reads(options.max_waiting_reads) {}

  const QueryServiceOptions options;
  metrics::Histogram& read_wait;
  OpenCount watches;
  OpenCount lists;
  OpenCount waiting_reads;
  // The service is to end: watches and waits end, nothing new begins.
  std::atomic<bool> stopping = false;
  // Called by a worker that finds the read model not to be there, or not at the log's end yet.
  std::function<void()> on_not_ready;
};

// Somebody who waits for the read model to change. Lives on one worker; leaves its list when it goes.
class Waiter {
 public:
  explicit Waiter(Worker& worker) : worker_(worker) {}
  virtual ~Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  // The read model may have changed, or the service is to end, or the time given to WaitUntil or SleepUntil has come,
  // or Yield was called. May delete the waiter.
  virtual void Look() = 0;

 protected:
  Worker& worker() { return worker_; }
  // Has Look called from now on whenever there is something to see, and once at `time`.
  void WaitUntil(absl::Time time);
  // Has Look called at `time`, and not before, whatever changes; only when the service is to end, it is called at once.
  void SleepUntil(absl::Time time);
  // Has Look called after other calls have had their turn.
  void Yield();
  // No more Look.
  void StopWaiting();

 private:
  friend class Worker;

  Worker& worker_;
  // Where it stands in the worker's lists.
  std::optional<std::list<Waiter*>::iterator> listed_;
  bool due_ = false;
  // Whether it wants to hear of changes.
  bool listens_ = false;
  std::optional<std::multimap<absl::Time, Waiter*>::iterator> timed_;
};

// One thread that polls one completion queue and runs the handlers of its calls, with a read-model connection of its
// own. No handler needs a lock, since each call stays on its worker. Between two tags it serves those who wait, a few
// at a time, so that many waiters hold up no call for long.
//
// Thread safety: Wake from any thread, between the queue's start and its shutdown; the rest on the worker's thread.
class Worker {
 public:
  // `state` and `wake_up` must outlive the worker.
  Worker(ServiceState& state, WakeUp& wake_up, std::unique_ptr<grpc::ServerCompletionQueue> queue);

  grpc::ServerCompletionQueue* queue() { return queue_.get(); }
  // Serves the queue until it is shut down and drained.
  void Run();
  // Has every waiter look.
  void Wake() { waker_.Wake(); }

  ServiceState& state() { return state_; }
  bool stopping() const { return state_.stopping.load(std::memory_order_relaxed); }
  read_model::Reader& reader() { return reader_; }
  WatchFeed& watch_feed() { return watch_feed_; }

 private:
  friend class Waiter;

  void OnWake();
  void Listen(Waiter& waiter);
  void SetTime(Waiter& waiter, absl::Time time);
  void Unlist(Waiter& waiter);
  void MakeDue(Waiter& waiter);
  void ServeDueWaiters();
  absl::Time NextTime() const;

  ServiceState& state_;
  WakeUp& wake_up_;
  read_model::Reader reader_;
  WatchFeed watch_feed_;
  // Waiters who listen and have nothing to do, and those whose Look is due. Who sleeps is in neither.
  std::list<Waiter*> idle_;
  std::list<Waiter*> due_;
  std::multimap<absl::Time, Waiter*> times_;

  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  rpc::Waker waker_;
};

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_WORKER_H_
