#ifndef ROSTER_QUERY_SERVICE_UNARY_READ_H_
#define ROSTER_QUERY_SERVICE_UNARY_READ_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "base/steady_time.h"
#include "query-service/raw_call.h"
#include "query-service/raw_message.h"
#include "query-service/read_after.h"
#include "query-service/worker.h"

namespace roster::query_service {

// How every unary read runs: reads the request, waits for its read_after, and answers from one snapshot. `Rpc` is one
// method:
//
//   struct GetUserRpc {
//     using Request = v1::GetUserRequest;
//     // What is asked for; an error where the request is malformed.
//     static absl::StatusOr<ReadAfter> Check(const Request& request);
//     // The answer, or an error of the table in design.md.
//     static absl::StatusOr<grpc::ByteBuffer> Answer(const Request& request, read_model::Snapshot& snapshot);
//   };
//
// Lives only while a call waits.
template <typename Rpc>
class UnaryRead final : public Waiter {
 public:
  // Takes a call, and answers it now or later.
  static void Handle(Worker& worker, RawUnaryCall& call) {
    typename Rpc::Request request;
    if (absl::Status parsed = ParseRequest(call.request(), request); !parsed.ok()) return call.Fail(parsed);
    absl::StatusOr<ReadAfter> wanted = Rpc::Check(request);
    if (!wanted.ok()) return call.Fail(wanted.status());
    if (Attempt(worker, call, request, *wanted)) return;
    if (worker.stopping()) return call.Fail(ShuttingDown());
    if (!worker.state().waiting_reads.Enter()) return call.Fail(Overloaded("reads that wait for read_after"));
    (new UnaryRead(worker, call, std::move(request), *std::move(wanted)))->Wait();
  }

 private:
  UnaryRead(Worker& worker, RawUnaryCall& call, typename Rpc::Request request, ReadAfter wanted)
      : Waiter(worker), call_(call), request_(std::move(request)), wanted_(std::move(wanted)) {}
  ~UnaryRead() override {
    worker().state().waiting_reads.Leave();
    worker().state().read_wait.Observe(absl::ToDoubleSeconds(SteadyNow() - since_));
  }

  // Whether the call was answered.
  static bool Attempt(Worker& worker, RawUnaryCall& call, const typename Rpc::Request& request,
                      const ReadAfter& wanted) {
    absl::StatusOr<read_model::Snapshot> snapshot = BeginRead(worker.reader());
    if (!snapshot.ok()) {
      worker.state().on_not_ready();
      call.Fail(snapshot.status());
      return true;
    }
    absl::StatusOr<bool> includes = Includes(*snapshot, wanted);
    if (includes.ok() && !*includes) return false;
    absl::StatusOr<grpc::ByteBuffer> answer = includes.ok() ? Rpc::Answer(request, *snapshot) : includes.status();
    if (answer.ok()) {
      call.Finish(*answer);
    } else {
      call.Fail(ReadModelError(answer.status()));
    }
    return true;
  }

  void Wait() {
    since_ = SteadyNow();
    limit_ = WaitLimit(since_, call_.deadline(), absl::Milliseconds(worker().state().options.max_wait_ms));
    WaitUntil(limit_);
  }

  void Look() override {
    const LogTraceId trace_id = call_.log_trace_id();
    if (!Attempt(worker(), call_, request_, wanted_)) {
      if (worker().stopping()) {
        call_.Fail(ShuttingDown());
      } else if (SteadyNow() >= limit_) {
        call_.Fail(NotYetVisible());
      } else {
        return;
      }
    }
    delete this;
  }

  RawUnaryCall& call_;
  const typename Rpc::Request request_;
  const ReadAfter wanted_;
  absl::Time since_;
  absl::Time limit_;
};

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_UNARY_READ_H_
