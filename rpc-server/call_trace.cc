#include "rpc-server/call_trace.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace roster::rpc {
namespace {

absl::string_view ValueOf(const grpc::ServerContext& context, const char* key) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(key);
  if (found == metadata.end()) return {};
  return {found->second.data(), found->second.size()};
}

// By OpenTelemetry's conventions other codes are the caller's affair.
bool IsServersFault(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DATA_LOSS:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<tracing::TraceContext> CallersContext(const grpc::ServerContext& context) {
  const absl::string_view traceparent = ValueOf(context, "traceparent");
  if (traceparent.empty()) return std::nullopt;
  return tracing::ParseTraceContext(traceparent, ValueOf(context, "tracestate"));
}

void CallTrace::End(grpc::StatusCode code, absl::string_view reason) {
  if (span_ == nullptr) return;
  span_->Set({"rpc.grpc.status_code", static_cast<int64_t>(code)});
  if (!reason.empty()) span_->Set({"roster.error_reason", reason});
  if (IsServersFault(code)) span_->SetFailed(reason.empty() ? absl::AlphaNum(static_cast<int>(code)).Piece() : reason);
  span_.reset();
}

MethodTracer::MethodTracer(tracing::Tracer* tracer, absl::string_view method)
    : tracer_(tracer),
      name_(method),
      service_(method.substr(0, method.rfind('/'))),
      method_(method.substr(method.rfind('/') + 1)) {}

std::unique_ptr<CallTrace> MethodTracer::BeginTraced(const grpc::ServerContext& context) const {
  std::optional<tracing::TraceContext> caller = CallersContext(context);
  const bool kept = caller ? caller->sampled() : tracer_->SampleNewTrace();
  std::unique_ptr<tracing::Span> span = kept ? StartSpan(caller ? &*caller : nullptr) : nullptr;
  if (span != nullptr) {
    tracing::TraceContext own = span->context();
    return std::make_unique<CallTrace>(std::move(own), std::move(span));
  }
  return caller ? std::make_unique<CallTrace>(*std::move(caller), nullptr) : nullptr;
}

std::unique_ptr<tracing::Span> MethodTracer::StartSpan(const tracing::TraceContext* parent) const {
  return tracer_->Start({.name = name_,
                         .kind = tracing::SpanKind::kServer,
                         .parent = parent,
                         .attributes = {{"rpc.system", "grpc"}, {"rpc.service", service_}, {"rpc.method", method_}}});
}

}  // namespace roster::rpc
