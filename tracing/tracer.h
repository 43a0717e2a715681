#ifndef ROSTER_TRACING_TRACER_H_
#define ROSTER_TRACING_TRACER_H_

#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "absl/types/variant.h"
#include "tracing/trace_context.h"

// The port: what Roster asks of whatever keeps traces. otlp_tracer.h sends them to a collector by OpenTelemetry's
// library, whose headers nothing else here includes. Everywhere a null Tracer means that nobody keeps traces, and costs
// the comparison.
namespace roster::tracing {

// Names and values follow OpenTelemetry's semantic conventions. None holds an e-mail address, a name or a secret.
struct Attribute {
  absl::string_view key;
  absl::variant<absl::string_view, int64_t> value;
};

// What a span is in its trace: OpenTelemetry's kinds.
enum class SpanKind { kServer, kProducer, kConsumer };

struct SpanStart {
  absl::string_view name;
  SpanKind kind = SpanKind::kServer;
  // What caused it; null: it begins a trace.
  const TraceContext* parent = nullptr;
  absl::Span<const Attribute> attributes;
  // How long ago it began.
  absl::Duration age;
};

// One piece of work within a trace, from Tracer::Start until it is destroyed.
//
// Thread safety: one thread at a time.
class Span {
 public:
  virtual ~Span() = default;
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

  // What work that this one causes has as its parent.
  const TraceContext& context() const { return context_; }
  // Sets, or replaces, an attribute.
  virtual void Set(const Attribute& attribute) = 0;
  // Marks it as failed, by `error_type`: a short word of few kinds.
  virtual void SetFailed(absl::string_view error_type) = 0;

 protected:
  explicit Span(TraceContext context) : context_(std::move(context)) {}

 private:
  const TraceContext context_;
};

// Thread safety: safe from any thread. Must outlive its spans.
class Tracer {
 public:
  virtual ~Tracer() = default;

  // Whether work that nobody before has decided on is to begin a trace that is kept.
  virtual bool SampleNewTrace() = 0;

  // Null where there is no room for another span at present: that one is left out, and counted. Never waits.
  virtual std::unique_ptr<Span> Start(const SpanStart& start) = 0;
};

}  // namespace roster::tracing

#endif  // ROSTER_TRACING_TRACER_H_
