#ifndef ROSTER_BENCH_LOAD_GENERATOR_H_
#define ROSTER_BENCH_LOAD_GENERATOR_H_

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bench/figure.h"
#include "grpcpp/grpcpp.h"

namespace roster::bench {

// Makes unary calls in a closed loop: `in_flight` calls are always open, and each answer is followed by the next call,
// until `duration` has passed. One thread polls one completion queue. The first call that fails ends the run with its
// error, since a rate of refusals means nothing.
//
// `start`: AsyncX of a stub. `next`: fills the next request.
template <typename Request, typename Response>
class LoadGenerator {
 public:
  using Reader = std::unique_ptr<grpc::ClientAsyncResponseReader<Response>>;
  using Start = std::function<Reader(grpc::ClientContext*, const Request&, grpc::CompletionQueue*)>;
  using Next = std::function<void(Request&)>;

  LoadGenerator(Start start, Next next) : start_(std::move(start)), next_(std::move(next)) {}

  absl::StatusOr<Rate> Run(int in_flight, absl::Duration duration) {
    grpc::CompletionQueue queue;
    latencies_ms_.clear();
    const absl::Time begin = absl::Now();
    const absl::Time end = begin + duration;
    for (int i = 0; i < in_flight; ++i) Open(queue);
    absl::Status error;
    absl::Time last = begin;
    int open = in_flight;
    void* tag = nullptr;
    bool ok = false;
    while (open > 0 && queue.Next(&tag, &ok)) {
      const std::unique_ptr<Call> call(static_cast<Call*>(tag));
      --open;
      last = absl::Now();
      latencies_ms_.push_back(absl::ToDoubleMilliseconds(last - call->begin));
      if (!call->status.ok() && error.ok()) {
        error = absl::Status(static_cast<absl::StatusCode>(call->status.error_code()), call->status.error_message());
      }
      if (error.ok() && last < end) {
        Open(queue);
        ++open;
      }
    }
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
    if (!error.ok()) return error;
    return Summarize(last - begin);
  }

 private:
  struct Call {
    grpc::ClientContext context;
    Response response;
    grpc::Status status;
    absl::Time begin;
    Reader reader;
  };

  void Open(grpc::CompletionQueue& queue) {
    auto* call = new Call;
    Request request;
    next_(request);
    call->begin = absl::Now();
    call->context.set_deadline(absl::ToChronoTime(call->begin + absl::Seconds(30)));
    call->reader = start_(&call->context, request, &queue);
    call->reader->Finish(&call->response, &call->status, call);
  }

  Rate Summarize(absl::Duration elapsed) {
    std::sort(latencies_ms_.begin(), latencies_ms_.end());
    const auto quantile = [this](double q) {
      return latencies_ms_[static_cast<size_t>(q * (latencies_ms_.size() - 1))];
    };
    return {static_cast<double>(latencies_ms_.size()) / absl::ToDoubleSeconds(elapsed), quantile(0.5), quantile(0.99)};
  }

  const Start start_;
  const Next next_;
  std::vector<double> latencies_ms_;
};

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_GENERATOR_H_
