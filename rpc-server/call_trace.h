#ifndef ROSTER_RPC_SERVER_CALL_TRACE_H_
#define ROSTER_RPC_SERVER_CALL_TRACE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "grpcpp/grpcpp.h"
#include "tracing/tracer.h"

namespace roster::rpc {

// The W3C context in a call's metadata. Absent where the caller sent none, or what is none.
std::optional<tracing::TraceContext> CallersContext(const grpc::ServerContext& context);

// The trace that one call belongs to, and the call's own span where the trace is kept.
//
// Thread safety: that of the call.
class CallTrace {
 public:
  // `span` may be null: the trace is not kept, or not this part of it.
  CallTrace(tracing::TraceContext context, std::unique_ptr<tracing::Span> span)
      : context_(std::move(context)), span_(std::move(span)) {}

  // What the call's own work has as its parent.
  const tracing::TraceContext& context() const { return context_; }

  // The call is over. `reason`: of its error, as in ErrorReason without its prefix; empty where it has none.
  void End(grpc::StatusCode code, absl::string_view reason);

 private:
  const tracing::TraceContext context_;
  std::unique_ptr<tracing::Span> span_;
};

// Traces the calls of one method. Server::TracerOf gives each method its own. Copied freely; must not outlive the
// server's tracer.
//
// Thread safety: safe from any thread.
class MethodTracer {
 public:
  // Makes no traces.
  MethodTracer() = default;
  // `method`: "roster.v1.UserQueryService/GetUser". Null `tracer`: no traces.
  MethodTracer(tracing::Tracer* tracer, absl::string_view method);

  // A call came in. Null where it belongs to no trace.
  std::unique_ptr<CallTrace> Begin(const grpc::ServerContext& context) const {
    return tracer_ == nullptr ? nullptr : BeginTraced(context);
  }

 private:
  std::unique_ptr<CallTrace> BeginTraced(const grpc::ServerContext& context) const;
  std::unique_ptr<tracing::Span> StartSpan(const tracing::TraceContext* parent) const;

  tracing::Tracer* tracer_ = nullptr;
  std::string name_;
  std::string service_;
  std::string method_;
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_CALL_TRACE_H_
