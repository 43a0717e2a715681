#ifndef ROSTER_TRACING_SPAN_QUEUE_H_
#define ROSTER_TRACING_SPAN_QUEUE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace roster::tracing {

// How many spans are under way to the collector, and what became of the others.
//
// Thread safety: safe from any thread.
class SpanQueue {
 public:
  explicit SpanQueue(int64_t limit) : limit_(limit) {}

  int64_t limit() const { return limit_; }
  bool full() const { return waiting_.load(std::memory_order_relaxed) >= limit_; }
  // Whether there was room; if not, the span counts as dropped.
  bool Enter() {
    if (waiting_.fetch_add(1, std::memory_order_relaxed) < limit_) return true;
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    Drop(1);
    return false;
  }
  void Leave(size_t spans) { waiting_.fetch_sub(static_cast<int64_t>(spans), std::memory_order_relaxed); }

  void Drop(size_t spans) { dropped_.fetch_add(spans, std::memory_order_relaxed); }
  void Deliver(size_t spans) { delivered_.fetch_add(spans, std::memory_order_relaxed); }
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  uint64_t delivered() const { return delivered_.load(std::memory_order_relaxed); }

 private:
  const int64_t limit_;
  std::atomic<int64_t> waiting_ = 0;
  std::atomic<uint64_t> dropped_ = 0;
  std::atomic<uint64_t> delivered_ = 0;
};

}  // namespace roster::tracing

#endif  // ROSTER_TRACING_SPAN_QUEUE_H_
