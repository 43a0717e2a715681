#include "tracing/span_export.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/log.h"
#include "base/steady_time.h"
#include "opentelemetry/sdk/trace/batch_span_processor_factory.h"
#include "opentelemetry/sdk/trace/batch_span_processor_options.h"

namespace roster::tracing {
namespace {

using opentelemetry::sdk::common::ExportResult;
using opentelemetry::sdk::trace::BatchSpanProcessorFactory;
using opentelemetry::sdk::trace::BatchSpanProcessorOptions;
using opentelemetry::sdk::trace::Recordable;
using opentelemetry::sdk::trace::SpanExporter;
using opentelemetry::sdk::trace::SpanProcessor;
using Spans = opentelemetry::nostd::span<std::unique_ptr<Recordable>>;

constexpr std::chrono::milliseconds kSendEvery{1000};
constexpr size_t kBatchSpans = 512;
constexpr absl::Duration kTellAgain = absl::Seconds(30);
// gRPC waits longer and longer, up to two minutes, before it looks for a collector again; a new connection looks at
// once.
constexpr absl::Duration kConnectAnewAfter = absl::Seconds(10);

// Exports, counts, and tells the log what was dropped.
class CountingExporter final : public SpanExporter {
 public:
  CountingExporter(MakeExporter make_exporter, SpanQueue& queue)
      : make_exporter_(std::move(make_exporter)),
        queue_(queue),
        recordables_(make_exporter_()),
        exporter_(make_exporter_()),
        connected_at_(SteadyNow()) {}

  // From any thread, so not by the one that is replaced.
  std::unique_ptr<Recordable> MakeRecordable() noexcept override { return recordables_->MakeRecordable(); }

  ExportResult Export(const Spans& spans) noexcept override {
    queue_.Leave(spans.size());
    ExportResult result = ExportResult::kFailure;
    if (absl::ToUnixNanos(SteadyNow()) < stop_at_ns_.load(std::memory_order_relaxed)) result = exporter_->Export(spans);
    if (result == ExportResult::kSuccess) {
      queue_.Deliver(spans.size());
      connected_at_ = SteadyNow();
    } else {
      queue_.Drop(spans.size());
      ConnectAnew();
    }
    Tell();
    return result;
  }

  bool ForceFlush(std::chrono::microseconds timeout) noexcept override { return true; }
  bool Shutdown(std::chrono::microseconds timeout) noexcept override { return exporter_->Shutdown(timeout); }

  // From then on nothing is sent any more. From any thread.
  void StopAt(absl::Time time) { stop_at_ns_.store(absl::ToUnixNanos(time), std::memory_order_relaxed); }

 private:
  void ConnectAnew() {
    if (SteadyNow() - connected_at_ < kConnectAnewAfter) return;
    connected_at_ = SteadyNow();
    exporter_.reset();
    exporter_ = make_exporter_();
  }

  void Tell() {
    const uint64_t dropped = queue_.dropped();
    if (dropped == told_dropped_ || SteadyNow() - told_at_ < kTellAgain) return;
    told_dropped_ = dropped;
    told_at_ = SteadyNow();
    Log(LogLevel::kWarning, "spans of traces were dropped: the collector is slow, or away",
        {{"dropped_since_start", dropped}, {"delivered_since_start", queue_.delivered()}});
  }

  const MakeExporter make_exporter_;
  SpanQueue& queue_;
  const std::unique_ptr<SpanExporter> recordables_;
  std::unique_ptr<SpanExporter> exporter_;
  // Or last seen to work.
  absl::Time connected_at_;
  // On SteadyNow's clock.
  std::atomic<int64_t> stop_at_ns_ = std::numeric_limits<int64_t>::max();
  uint64_t told_dropped_ = 0;
  absl::Time told_at_ = absl::InfinitePast();
};

// The library's queue drops in silence. So it never gets full here: what is too much is dropped, and counted, before.
class BoundedProcessor final : public SpanProcessor {
 public:
  BoundedProcessor(std::unique_ptr<SpanProcessor> inner, CountingExporter& exporter, SpanQueue& queue,
                   absl::Duration stop_time)
      : exporter_(exporter), queue_(queue), stop_time_(stop_time), inner_(std::move(inner)) {}

  std::unique_ptr<Recordable> MakeRecordable() noexcept override { return inner_->MakeRecordable(); }
  void OnStart(Recordable& span, const opentelemetry::trace::SpanContext& parent) noexcept override {
    inner_->OnStart(span, parent);
  }
  void OnEnd(std::unique_ptr<Recordable>&& span) noexcept override {
    if (queue_.Enter()) inner_->OnEnd(std::move(span));
  }
  bool ForceFlush(std::chrono::microseconds timeout) noexcept override { return inner_->ForceFlush(timeout); }
  bool Shutdown(std::chrono::microseconds timeout) noexcept override {
    exporter_.StopAt(SteadyNow() + stop_time_);
    return inner_->Shutdown(timeout);
  }

 private:
  CountingExporter& exporter_;
  SpanQueue& queue_;
  const absl::Duration stop_time_;
  // Owns the exporter.
  const std::unique_ptr<SpanProcessor> inner_;
};

}  // namespace

std::unique_ptr<SpanProcessor> MakeBatchingProcessor(MakeExporter make_exporter, SpanQueue& queue,
                                                     absl::Duration stop_time) {
  auto exporter = std::make_unique<CountingExporter>(std::move(make_exporter), queue);
  CountingExporter& counting = *exporter;
  BatchSpanProcessorOptions options;
  options.max_queue_size = static_cast<size_t>(2 * queue.limit());
  options.schedule_delay_millis = kSendEvery;
  options.max_export_batch_size = kBatchSpans;
  auto batching = BatchSpanProcessorFactory::Create(std::move(exporter), options);
  return std::make_unique<BoundedProcessor>(std::move(batching), counting, queue, stop_time);
}

}  // namespace roster::tracing
