#ifndef ROSTER_TRACING_SPAN_EXPORT_H_
#define ROSTER_TRACING_SPAN_EXPORT_H_

#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "opentelemetry/sdk/trace/exporter.h"
#include "opentelemetry/sdk/trace/processor.h"
#include "tracing/span_queue.h"

// Only for otlp_tracer.cc: OpenTelemetry's headers take seconds to compile.
namespace roster::tracing {

// Makes an exporter with a connection of its own.
using MakeExporter = std::function<std::unique_ptr<opentelemetry::sdk::trace::SpanExporter>()>;

// Takes spans that are done into a queue, and exports them in batches on a thread of its own, by exporters that
// `make_exporter` makes: one for as long as it works, and another once in a while where it does not, so that a
// collector that was away for long is found soon after it is back. Counts in `queue`, which must outlive it, and logs
// what is dropped. Shutdown takes as long as the batch under way, and `stop_time` for what is left.
std::unique_ptr<opentelemetry::sdk::trace::SpanProcessor> MakeBatchingProcessor(MakeExporter make_exporter,
                                                                                SpanQueue& queue,
                                                                                absl::Duration stop_time);

}  // namespace roster::tracing

#endif  // ROSTER_TRACING_SPAN_EXPORT_H_
