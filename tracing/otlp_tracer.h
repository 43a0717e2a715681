#ifndef ROSTER_TRACING_OTLP_TRACER_H_
#define ROSTER_TRACING_OTLP_TRACER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tracing/trace_options.h"
#include "tracing/tracer.h"

namespace roster::tracing {

// A tracer that sends its spans to a collector, by OTLP over gRPC: in batches, on a thread of its own, from a queue of
// at most 4096 spans that are done. Spans beyond that, and batches that the collector does not take within three
// seconds, are dropped, counted and logged: a collector that is slow or away never slows the program. When the tracer
// is destroyed it sends what is left, for at most some seconds.
//
// Null where `options` and the environment name no endpoint. INVALID_ARGUMENT names the setting that is wrong; that
// nobody listens there is no error. `program` is the service's name, unless OTEL_SERVICE_NAME says another.
absl::StatusOr<std::unique_ptr<Tracer>> StartOtlpTracer(const std::string& program, const TraceOptions& options);

}  // namespace roster::tracing

#endif  // ROSTER_TRACING_OTLP_TRACER_H_
