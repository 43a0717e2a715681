#ifndef ROSTER_TRACING_TRACE_OPTIONS_H_
#define ROSTER_TRACING_TRACE_OPTIONS_H_

#include <string>

#include "CLI/CLI.hpp"

namespace roster::tracing {

// Settings of traces. What only concerns the way to the collector is read from OpenTelemetry's own variables of the
// environment (docs/tracing.md), a secret in OTEL_EXPORTER_OTLP_HEADERS for instance.
struct TraceOptions {
  // http://HOST:PORT or https://HOST:PORT of a collector that takes OTLP over gRPC. Empty: no traces.
  std::string otlp_endpoint;
  // Of the calls that bring no decision of their own, how many begin a trace that is kept: 0 to 1.
  double ratio = 1;
};

// Declares --otlp-endpoint and --trace-ratio, which write into `options`.
void DeclareTraceOptions(CLI::App& app, TraceOptions& options);

}  // namespace roster::tracing

#endif  // ROSTER_TRACING_TRACE_OPTIONS_H_
