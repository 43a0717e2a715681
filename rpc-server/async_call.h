#ifndef ROSTER_RPC_SERVER_ASYNC_CALL_H_
#define ROSTER_RPC_SERVER_ASYNC_CALL_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "rpc-server/method_guard.h"
#include "rpc-server/observed_call.h"
#include "rpc-server/open_calls.h"
#include "rpc-server/steady_deadline.h"

// Calls served from a completion queue. The thread that polls the queue runs the handlers, so that no call changes
// threads on its way: that is what brings a server close to gRPC's own rate, and keeps handlers free of locks.
//
//   void* tag; bool ok;
//   while (queue.Next(&tag, &ok)) static_cast<CompletionTag*>(tag)->Complete(ok);
namespace roster::rpc {

// What every tag on the queue is.
class CompletionTag {
 public:
  virtual void Complete(bool ok) = 0;

 protected:
  ~CompletionTag() = default;
};

// The deadline of a call by SteadyNow's clock; InfiniteFuture where the caller set none.
inline absl::Time DeadlineOf(const grpc::ServerContext& context) {
  return SteadyTime(gpr_convert_clock_type(context.raw_deadline(), GPR_CLOCK_MONOTONIC));
}

// One unary call. It deletes itself once its answer is out; whoever was handed it owes it exactly one of Finish and
// Fail, and must not touch it afterwards.
//
// Thread safety: everything on the thread that polls the queue.
template <typename Request, typename Response>
class UnaryCall final : CompletionTag {
 public:
  using Responder = grpc::ServerAsyncResponseWriter<Response>;

  // How calls of one method come in. Must outlive the queue.
  struct Method {
    // AsyncService::RequestX with its queues bound.
    std::function<void(grpc::ServerContext*, Request*, Responder*, void* tag)> request;
    // Takes a call.
    std::function<void(UnaryCall&)> handle;
    // Of the queue.
    OpenCalls* open_calls = nullptr;
    // Asked before `handle`. As it is here, it refuses all calls.
    MethodGuard guard;
    // Counts the calls; null: nobody does.
    MethodMetrics* metrics = nullptr;
    MethodTracer tracer;
  };

  // Lets one more call of the method come in. Each call that comes lets in the next, until the server shuts down.
  static void Accept(const Method& method) { new UnaryCall(method); }

  const Request& request() const { return request_; }
  Request& request() { return request_; }
  const grpc::ServerContext& context() const { return context_; }
  absl::Time deadline() const { return deadline_; }
  // See ObservedCall.
  const tracing::TraceContext* trace() const { return observed_.trace(); }
  LogTraceId log_trace_id() const { return observed_.log_trace_id(); }

  void Finish(const Response& response) {
    answered_ = true;
    observed_.Succeed();
    responder_.Finish(response, grpc::Status::OK, static_cast<CompletionTag*>(this));
  }
  void Fail(const absl::Status& error) {
    answered_ = true;
    responder_.FinishWithError(observed_.End(error), static_cast<CompletionTag*>(this));
  }

 private:
  explicit UnaryCall(const Method& method) : method_(method), membership_(*method.open_calls), responder_(&context_) {
    method_.request(&context_, &request_, &responder_, static_cast<CompletionTag*>(this));
  }

  void Complete(bool ok) override {
    if (answered_ || !ok) {
      if (!ok) observed_.CallerGone();
      delete this;
      return;
    }
    observed_.Begin(method_.metrics);
    observed_.BeginTrace(method_.tracer, context_);
    Accept(method_);
    deadline_ = DeadlineOf(context_);
    const LogTraceId trace_id = log_trace_id();
    absl::StatusOr<CallerLimits::OpenCall> admitted = method_.guard.Admit(context_);
    if (!admitted.ok()) return Fail(admitted.status());
    open_call_ = *std::move(admitted);
    method_.handle(*this);
  }

  const Method& method_;
  const OpenCalls::Membership membership_;
  ObservedCall observed_;
  grpc::ServerContext context_;
  absl::Time deadline_;
  Request request_;
  Responder responder_;
  CallerLimits::OpenCall open_call_;
  bool answered_ = false;
};

// One call that is answered with a stream.
//
// Thread safety: everything on the thread that polls the queue.
template <typename Request, typename Response>
class ServerStreamCall final : CompletionTag {
 public:
  using Writer = grpc::ServerAsyncWriter<Response>;

  // What a call is doing. Made when it comes in, deleted with it; between the two it may use the call.
  class Handler {
   public:
    virtual ~Handler() = default;
    // The last Write is out, and the next may follow. Right after the handler was made it is called too, once.
    virtual void OnReady() = 0;
    // The caller has gone, or the call is over. Do not use the call any more; the handler is deleted soon after.
    virtual void OnDone() {}
  };

  // How calls of one method come in. Must outlive the queue.
  struct Method {
    // AsyncService::RequestX with its queues bound.
    std::function<void(grpc::ServerContext*, Request*, Writer*, void* tag)> request;
    // Makes the handler of a call.
    std::function<std::unique_ptr<Handler>(ServerStreamCall&)> handle;
    // Of the queue.
    OpenCalls* open_calls = nullptr;
    // See UnaryCall::Method.
    MethodGuard guard;
    MethodMetrics* metrics = nullptr;
    MethodTracer tracer;
  };

  // See UnaryCall::Accept.
  static void Accept(const Method& method) { new ServerStreamCall(method); }

  const Request& request() const { return request_; }
  const grpc::ServerContext& context() const { return context_; }
  absl::Time deadline() const { return deadline_; }
  // See ObservedCall.
  LogTraceId log_trace_id() const { return observed_.log_trace_id(); }

  // Sends one message. One at a time: the next after OnReady.
  void Write(const Response& message) {
    writing_ = true;
    observed_.MessageSent();
    writer_.Write(message, static_cast<CompletionTag*>(this));
  }

  // Ends the call; nothing may follow. Not while a Write is under way.
  void Finish(const absl::Status& status) {
    writing_ = true;
    finished_ = true;
    writer_.Finish(observed_.End(status), static_cast<CompletionTag*>(this));
  }

  // Whether a Write or the Finish is under way, or the caller has gone: then neither may be called.
  bool busy() const { return writing_ || done_; }

 private:
  // Ends a call that the guard did not let in.
  class Refusal final : public Handler {
   public:
    Refusal(ServerStreamCall& call, absl::Status error) : call_(call), error_(std::move(error)) {}
    void OnReady() override { call_.Finish(error_); }

   private:
    ServerStreamCall& call_;
    const absl::Status error_;
  };
  // gRPC tells apart by tag that the call is over.
  struct DoneTag final : CompletionTag {
    explicit DoneTag(ServerStreamCall& call) : call(call) {}
    void Complete(bool) override { call.Done(); }
    ServerStreamCall& call;
  };

  explicit ServerStreamCall(const Method& method)
      : method_(method), membership_(*method.open_calls), writer_(&context_), done_tag_(*this) {
    context_.AsyncNotifyWhenDone(static_cast<CompletionTag*>(&done_tag_));
    method_.request(&context_, &request_, &writer_, static_cast<CompletionTag*>(this));
  }

  void Complete(bool ok) override {
    if (handler_ == nullptr) {
      Begin(ok);
      return;
    }
    writing_ = false;
    if (finished_ && !ok) observed_.CallerGone();
    if (done_) {
      delete this;
    } else if (ok && !finished_) {
      const LogTraceId trace_id = log_trace_id();
      handler_->OnReady();
    }
    // After a failed Write the call is over: its done tag follows.
  }

  void Begin(bool ok) {
    if (!ok) {
      // The server is shutting down and no call came: gRPC does not send the done tag then.
      delete this;
      return;
    }
    observed_.Begin(method_.metrics);
    observed_.BeginTrace(method_.tracer, context_);
    Accept(method_);
    if (done_) {
      delete this;
      return;
    }
    deadline_ = DeadlineOf(context_);
    const LogTraceId trace_id = log_trace_id();
    handler_ = MakeHandler();
    if (!busy()) handler_->OnReady();
  }

  std::unique_ptr<Handler> MakeHandler() {
    absl::StatusOr<CallerLimits::OpenCall> admitted = method_.guard.Admit(context_);
    if (!admitted.ok()) return std::make_unique<Refusal>(*this, admitted.status());
    open_call_ = *std::move(admitted);
    return method_.handle(*this);
  }

  void Done() {
    done_ = true;
    if (handler_ != nullptr) handler_->OnDone();
    if (!writing_ && handler_ != nullptr) delete this;
  }

  const Method& method_;
  const OpenCalls::Membership membership_;
  ObservedCall observed_;
  grpc::ServerContext context_;
  absl::Time deadline_;
  Request request_;
  Writer writer_;
  DoneTag done_tag_;
  CallerLimits::OpenCall open_call_;
  std::unique_ptr<Handler> handler_;
  bool writing_ = false;
  bool finished_ = false;
  bool done_ = false;
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_ASYNC_CALL_H_
