#ifndef ROSTER_BENCH_LOAD_UNARY_LOAD_H_
#define ROSTER_BENCH_LOAD_UNARY_LOAD_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/cpp/rpc_error.h"
#include "grpcpp/grpcpp.h"

namespace roster::bench {

// Calls of one unary method that a generator (closed_loop.h, open_loop.h) can make.
template <typename Request, typename Response>
struct UnaryLoad {
  using Reader = std::unique_ptr<grpc::ClientAsyncResponseReader<Response>>;

  // AsyncX of a stub.
  std::function<Reader(grpc::ClientContext*, const Request&, grpc::CompletionQueue*)> start;
  // Fills the next request. From one thread.
  std::function<void(Request&)> next;
};

// One call under way.
template <typename Request, typename Response>
struct UnaryLoadCall {
  // Starts it; it comes out of `queue` as its own tag, to be deleted. `counted_from`: where its latency begins.
  static void Start(const UnaryLoad<Request, Response>& load, absl::Time counted_from, grpc::CompletionQueue& queue) {
    auto* call = new UnaryLoadCall;
    Request request;
    load.next(request);
    call->counted_from = counted_from;
    call->context.set_deadline(absl::ToChronoTime(counted_from + absl::Seconds(30)));
    call->reader = load.start(&call->context, request, &queue);
    call->reader->Finish(&call->response, &call->status, call);
  }

  absl::Status Result() const { return client::ToStatus(status); }

  grpc::ClientContext context;
  Response response;
  grpc::Status status;
  absl::Time counted_from;
  typename UnaryLoad<Request, Response>::Reader reader;
};

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_UNARY_LOAD_H_
