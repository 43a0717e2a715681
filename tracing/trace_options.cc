#include "tracing/trace_options.h"

namespace roster::tracing {

void DeclareTraceOptions(CLI::App& app, TraceOptions& options) {
  app.add_option("--otlp-endpoint", options.otlp_endpoint,
                 "http://HOST:PORT or https://HOST:PORT of an OpenTelemetry collector that traces are sent to, by OTLP "
                 "over gRPC. Default: what OTEL_EXPORTER_OTLP_ENDPOINT says; without either there are no traces");
  app.add_option(
         "--trace-ratio", options.ratio,
         "How many of the calls without a traceparent begin a trace; lower it where there are many calls. Those "
         "that bring one follow their caller's decision")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1.0));
}

}  // namespace roster::tracing
