#include "rpc-server/rpc_metrics.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "roster/v1/error_reason.pb.h"
#include "rpc-server/error_reason.h"

namespace roster::rpc {
namespace {

constexpr const char* kCodeNames[] = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

metrics::Counter& ErrorCounter(metrics::Registry& registry, const std::string& reason) {
  return registry.AddCounter("roster_rpc_errors_total",
                             "Calls that ended with an error, by its reason (roster.v1.ErrorReason).",
                             {{"reason", reason}});
}

}  // namespace

MethodMetrics::MethodMetrics(metrics::Registry& registry, const std::string& method)
    : open_(registry.AddGauge("roster_rpc_open_calls", "Calls under way.", {{"method", method}})),
      messages_sent_(registry.AddCounter("roster_rpc_stream_messages_sent_total",
                                         "Messages sent by calls that answer with a stream.", {{"method", method}})),
      duration_(registry.AddHistogram("roster_rpc_duration_seconds",
                                      "From when a call came in to when its answer was handed to the network.",
                                      metrics::DurationBounds(), {{"method", method}})) {
  for (size_t code = 0; code < kCodes; ++code) {
    ended_by_code_[code] = &registry.AddCounter("roster_rpc_calls_total", "Calls that have ended, by gRPC status code.",
                                                {{"method", method}, {"code", kCodeNames[code]}});
  }
  for (int reason = 0; reason < v1::ErrorReason_ARRAYSIZE; ++reason) {
    // 0 is no reason at all; numbers may have gaps.
    const bool known = reason > 0 && v1::ErrorReason_IsValid(reason);
    errors_by_reason_.push_back(known ? &ErrorCounter(registry, ReasonName(static_cast<v1::ErrorReason>(reason)))
                                      : nullptr);
  }
  errors_by_reason_.push_back(&ErrorCounter(registry, "OTHER"));
}

void MethodMetrics::CallCame() { open_.Add(1); }

void MethodMetrics::MessageSent() { messages_sent_.Add(); }

void MethodMetrics::CallEnded(grpc::StatusCode code, absl::string_view reason, absl::Duration took) {
  open_.Add(-1);
  duration_.Observe(absl::ToDoubleSeconds(took));
  const size_t number = static_cast<size_t>(code);
  ended_by_code_[number < kCodes ? number : static_cast<size_t>(grpc::StatusCode::UNKNOWN)]->Add();
  if (reason.empty()) return;
  v1::ErrorReason known = v1::ERROR_REASON_UNSPECIFIED;
  const bool found = v1::ErrorReason_Parse(absl::StrCat("ERROR_REASON_", reason), &known) && known > 0;
  (found ? errors_by_reason_[known] : errors_by_reason_.back())->Add();
}

RpcMetrics::RpcMetrics(metrics::Registry& registry)
    : registry_(registry),
      serving_(registry.AddGauge("roster_serving", "1 while health checks answer SERVING, else 0.")) {}

MethodMetrics& RpcMetrics::OfMethod(const std::string& method) {
  absl::MutexLock lock(&mutex_);
  return *methods_.emplace_back(std::make_unique<MethodMetrics>(registry_, method));
}

}  // namespace roster::rpc
