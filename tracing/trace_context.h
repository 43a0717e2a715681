#ifndef ROSTER_TRACING_TRACE_CONTEXT_H_
#define ROSTER_TRACING_TRACE_CONTEXT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace roster::tracing {

// Which trace a call or a record belongs to, and which span of it caused it: W3C trace context, as it travels in a
// call's metadata and in a record's headers.
struct TraceContext {
  // "00-" trace id "-" span id "-" flags, 55 bytes.
  std::string traceparent;
  // What tracing systems tell each other; passed on as it came, empty where there is none.
  std::string tracestate;

  // 32 hexadecimal digits.
  absl::string_view trace_id() const { return absl::string_view(traceparent).substr(3, 32); }
  // 16 hexadecimal digits.
  absl::string_view span_id() const { return absl::string_view(traceparent).substr(36, 16); }
  // Whether those before have decided that the trace is kept.
  bool sampled() const;

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// What a caller or a record says of its trace. Absent where `traceparent` is none, as W3C has it. Of a version after 00
// only what 00 defines is taken. A `tracestate` of more than 512 bytes, or with control characters, is left out.
std::optional<TraceContext> ParseTraceContext(absl::string_view traceparent, absl::string_view tracestate);

}  // namespace roster::tracing

#endif  // ROSTER_TRACING_TRACE_CONTEXT_H_
