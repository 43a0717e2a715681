#ifndef ROSTER_RPC_SERVER_OBSERVED_CALL_H_
#define ROSTER_RPC_SERVER_OBSERVED_CALL_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/log_trace_id.h"
#include "base/steady_time.h"
#include "grpcpp/grpcpp.h"
#include "rpc-server/call_trace.h"
#include "rpc-server/rpc_metrics.h"
#include "rpc-server/rpc_status.h"

namespace roster::rpc {

// What an operator sees of one call, from when it came in until it is over. Every class of calls holds one, and tells
// it what happens: the one place for whatever watches calls.
//
// Thread safety: that of the call that holds it.
class ObservedCall {
 public:
  ObservedCall() = default;
  // A call that has begun is over.
  ~ObservedCall() {
    if (metrics_ != nullptr) metrics_->CallEnded(code_, reason_, SteadyNow() - came_at_);
    if (trace_ != nullptr) trace_->End(code_, reason_);
  }
  ObservedCall(const ObservedCall&) = delete;
  ObservedCall& operator=(const ObservedCall&) = delete;

  // A call came in. `metrics` of its method; null: nobody looks.
  void Begin(MethodMetrics* metrics) {
    metrics_ = metrics;
    if (metrics_ == nullptr) return;
    came_at_ = SteadyNow();
    metrics_->CallCame();
  }

  // The same call, with the context that its caller sent.
  void BeginTrace(const MethodTracer& tracer, const grpc::ServerContext& context) { trace_ = tracer.Begin(context); }
  // What the call's work has as its parent; null where nobody traces the call.
  const tracing::TraceContext* trace() const { return trace_ == nullptr ? nullptr : &trace_->context(); }
  // Held while something is done for the call: what is logged then has its trace id.
  LogTraceId log_trace_id() const { return LogTraceId(trace_ == nullptr ? "" : trace_->context().trace_id()); }

  // One message of a stream goes out.
  void MessageSent() {
    if (metrics_ != nullptr) metrics_->MessageSent();
  }

  // It is answered with a message.
  void Succeed() { code_ = grpc::StatusCode::OK; }

  // It is answered with `status`; returns what gRPC is to send.
  grpc::Status End(const absl::Status& status) {
    const LogTraceId trace_id = log_trace_id();
    const grpc::Status sent = ToGrpcStatus(status);
    code_ = sent.error_code();
    if (!sent.ok() && (metrics_ != nullptr || trace_ != nullptr)) reason_ = ReasonOf(status);
    return sent;
  }

  // The caller had gone before it was answered.
  void CallerGone() {
    code_ = grpc::StatusCode::CANCELLED;
    reason_.clear();
  }

 private:
  static std::string ReasonOf(const absl::Status& status) {
    const std::optional<ErrorDetails> details = GetErrorDetails(status);
    return details ? details->reason : "INTERNAL";
  }

  MethodMetrics* metrics_ = nullptr;
  absl::Time came_at_;
  std::unique_ptr<CallTrace> trace_;
  // Of a call that nobody answers.
  grpc::StatusCode code_ = grpc::StatusCode::CANCELLED;
  std::string reason_;
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_OBSERVED_CALL_H_
