#include "tracing/otlp_tracer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/clock.h"
#include "base/host_port.h"
#include "base/log.h"
#include "base/uuid.h"
#include "base/version.h"
#include "opentelemetry/common/key_value_iterable.h"
#include "opentelemetry/exporters/otlp/otlp_grpc_exporter_factory.h"
#include "opentelemetry/exporters/otlp/otlp_grpc_exporter_options.h"
#include "opentelemetry/sdk/common/global_log_handler.h"
#include "opentelemetry/sdk/resource/resource.h"
#include "opentelemetry/sdk/trace/tracer_provider.h"
#include "opentelemetry/sdk/trace/tracer_provider_factory.h"
#include "opentelemetry/trace/span.h"
#include "opentelemetry/trace/span_context.h"
#include "opentelemetry/trace/tracer.h"
#include "tracing/span_export.h"
#include "tracing/span_queue.h"

namespace roster::tracing {
namespace {

namespace common = opentelemetry::common;
namespace internal_log = opentelemetry::sdk::common::internal_log;
namespace nostd = opentelemetry::nostd;
namespace otlp = opentelemetry::exporter::otlp;
namespace sdk = opentelemetry::sdk;
namespace trace = opentelemetry::trace;

// Some seconds' worth of a busy service, in some megabytes.
constexpr int64_t kMaxWaitingSpans = 4096;
// The library's own is ten seconds, which SIGTERM would have to wait for.
constexpr std::chrono::seconds kSendTimeout{3};
constexpr absl::Duration kStopTime = absl::Seconds(2);

nostd::string_view Nostd(absl::string_view text) { return {text.data(), text.size()}; }

common::AttributeValue ValueOf(const Attribute& attribute) {
  if (const auto* text = absl::get_if<absl::string_view>(&attribute.value)) return Nostd(*text);
  return absl::get<int64_t>(attribute.value);
}

class AttributeList final : public common::KeyValueIterable {
 public:
  explicit AttributeList(absl::Span<const Attribute> attributes) : attributes_(attributes) {}
  bool ForEachKeyValue(
      nostd::function_ref<bool(nostd::string_view, common::AttributeValue)> visit) const noexcept override {
    return std::all_of(attributes_.begin(), attributes_.end(),
                       [&](const Attribute& attribute) { return visit(Nostd(attribute.key), ValueOf(attribute)); });
  }
  size_t size() const noexcept override { return attributes_.size(); }

 private:
  const absl::Span<const Attribute> attributes_;
};

// Of lower-case digits, as ParseTraceContext lets through.
template <size_t kBytes>
std::array<uint8_t, kBytes> Bytes(absl::string_view digits) {
  const auto value = [](char digit) { return static_cast<uint8_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10); };
  std::array<uint8_t, kBytes> bytes{};
  for (size_t i = 0; i < kBytes; ++i)
    bytes[i] = static_cast<uint8_t>(value(digits[2 * i]) << 4 | value(digits[2 * i + 1]));
  return bytes;
}

trace::SpanContext ToSpanContext(const TraceContext& context) {
  const auto trace_id = Bytes<trace::TraceId::kSize>(context.trace_id());
  const auto span_id = Bytes<trace::SpanId::kSize>(context.span_id());
  auto state = context.tracestate.empty() ? trace::TraceState::GetDefault()
                                          : trace::TraceState::FromHeader(Nostd(context.tracestate));
  return trace::SpanContext(trace::TraceId(trace_id), trace::SpanId(span_id),
                            trace::TraceFlags(trace::TraceFlags::kIsSampled), true, std::move(state));
}

// The state goes on as it came, not as the library has understood it.
TraceContext ContextOf(const trace::Span& span, const TraceContext* parent) {
  const trace::SpanContext context = span.GetContext();
  char trace_id[2 * trace::TraceId::kSize];
  char span_id[2 * trace::SpanId::kSize];
  context.trace_id().ToLowerBase16(trace_id);
  context.span_id().ToLowerBase16(span_id);
  return {.traceparent = absl::StrCat("00-", absl::string_view(trace_id, sizeof(trace_id)), "-",
                                      absl::string_view(span_id, sizeof(span_id)), "-01"),
          .tracestate = parent == nullptr ? "" : parent->tracestate};
}

trace::SpanKind ToSpanKind(SpanKind kind) {
  switch (kind) {
    case SpanKind::kServer:
      return trace::SpanKind::kServer;
    case SpanKind::kProducer:
      return trace::SpanKind::kProducer;
    case SpanKind::kConsumer:
      return trace::SpanKind::kConsumer;
  }
  return trace::SpanKind::kInternal;
}

class OtlpSpan final : public Span {
 public:
  OtlpSpan(nostd::shared_ptr<trace::Span> span, const TraceContext* parent)
      : Span(ContextOf(*span, parent)), span_(std::move(span)) {}
  ~OtlpSpan() override { span_->End(); }

  void Set(const Attribute& attribute) override { span_->SetAttribute(Nostd(attribute.key), ValueOf(attribute)); }
  void SetFailed(absl::string_view error_type) override {
    span_->SetStatus(trace::StatusCode::kError);
    span_->SetAttribute("error.type", Nostd(error_type));
  }

 private:
  const nostd::shared_ptr<trace::Span> span_;
};

class OtlpTracer final : public Tracer {
 public:
  OtlpTracer(const std::string& program, double ratio, MakeExporter make_exporter) : ratio_(ratio) {
    sdk::resource::ResourceAttributes attributes = {{"service.instance.id", UuidV7Generator(SystemClock()).Next()},
                                                    {"service.version", std::string(Version())}};
    if (std::getenv("OTEL_SERVICE_NAME") == nullptr) attributes["service.name"] = program;
    provider_ =
        sdk::trace::TracerProviderFactory::Create(MakeBatchingProcessor(std::move(make_exporter), queue_, kStopTime),
                                                  sdk::resource::Resource::Create(attributes));
    tracer_ = provider_->GetTracer("roster", Nostd(Version()));
  }
  ~OtlpTracer() override { provider_->Shutdown(); }

  bool SampleNewTrace() override {
    if (ratio_ >= 1) return true;
    thread_local absl::InsecureBitGen random;
    return absl::Uniform(random, 0.0, 1.0) < ratio_;
  }

  std::unique_ptr<Span> Start(const SpanStart& start) override {
    if (queue_.full()) {
      queue_.Drop(1);
      return nullptr;
    }
    trace::StartSpanOptions options;
    options.kind = ToSpanKind(start.kind);
    if (start.parent != nullptr) options.parent = ToSpanContext(*start.parent);
    if (start.age > absl::ZeroDuration()) {
      const std::chrono::nanoseconds age = absl::ToChronoNanoseconds(start.age);
      options.start_system_time = common::SystemTimestamp(std::chrono::system_clock::now() - age);
      options.start_steady_time = common::SteadyTimestamp(std::chrono::steady_clock::now() - age);
    }
    return std::make_unique<OtlpSpan>(
        tracer_->StartSpan(Nostd(start.name), AttributeList(start.attributes), trace::NullSpanContext(), options),
        start.parent);
  }

 private:
  const double ratio_;
  SpanQueue queue_{kMaxWaitingSpans};
  std::unique_ptr<sdk::trace::TracerProvider> provider_;
  nostd::shared_ptr<trace::Tracer> tracer_;
};

// What the library says goes into our log: its own lines are no JSON, and it repeats itself with each batch.
class LibraryLog final : public internal_log::LogHandler {
 public:
  void Handle(internal_log::LogLevel level, const char* file, int line, const char* message,
              const sdk::common::AttributeMap&) noexcept override {
    if (message != nullptr) Log(LogLevel::kDebug, "OpenTelemetry says", {{"text", message}});
  }
};

std::string EndpointOf(const TraceOptions& options) {
  if (!options.otlp_endpoint.empty()) return options.otlp_endpoint;
  for (const char* name : {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"}) {
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return value;
  }
  return "";
}

// Whether `endpoint` is to be reached by TLS; an error where it is none.
absl::StatusOr<bool> UsesTls(absl::string_view endpoint) {
  absl::string_view address = endpoint;
  const bool tls = absl::ConsumePrefix(&address, "https://");
  const bool has_scheme = tls || absl::ConsumePrefix(&address, "http://");
  if (has_scheme && IsServerAddress(absl::StripSuffix(address, "/"))) return tls;
  return absl::InvalidArgumentError(absl::StrCat("--otlp-endpoint: '", endpoint,
                                                 "' is neither http://HOST:PORT nor https://HOST:PORT, "
                                                 "http://127.0.0.1:4317 for instance"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Tracer>> StartOtlpTracer(const std::string& program, const TraceOptions& options) {
  const std::string endpoint = EndpointOf(options);
  if (endpoint.empty()) return nullptr;
  const absl::StatusOr<bool> tls = UsesTls(endpoint);
  if (!tls.ok()) return tls.status();
  internal_log::GlobalLogHandler::SetLogHandler(nostd::shared_ptr<internal_log::LogHandler>(new LibraryLog));
  // Its constructor reads the environment.
  otlp::OtlpGrpcExporterOptions exporter;
  exporter.endpoint = std::string(absl::StripSuffix(endpoint, "/"));
  exporter.use_ssl_credentials = *tls;
  exporter.timeout = std::min<std::chrono::system_clock::duration>(exporter.timeout, kSendTimeout);
  Log(LogLevel::kInfo, "sending traces", {{"endpoint", exporter.endpoint}, {"ratio", absl::StrCat(options.ratio)}});
  return std::make_unique<OtlpTracer>(program, options.ratio,
                                      [exporter] { return otlp::OtlpGrpcExporterFactory::Create(exporter); });
}

}  // namespace roster::tracing
