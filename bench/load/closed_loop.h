#ifndef ROSTER_BENCH_LOAD_CLOSED_LOOP_H_
#define ROSTER_BENCH_LOAD_CLOSED_LOOP_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bench/figure.h"
#include "bench/load/histogram.h"
#include "bench/load/unary_load.h"

namespace roster::bench {

// Makes calls in a closed loop: `in_flight` calls are always open, and each answer is followed by the next call, for as
// long as `more` says. This thread polls one completion queue. The sample is calls a second. For rates: a server that
// stands still is asked for nothing meanwhile, so latencies under load are open_loop.h's.
//
// The first call that fails ends the run with its error, since a rate of refusals means nothing.
template <typename Request, typename Response, typename More>
absl::StatusOr<Sample> RunClosedLoopWhile(const UnaryLoad<Request, Response>& load, int in_flight, More more) {
  using Call = UnaryLoadCall<Request, Response>;
  grpc::CompletionQueue queue;
  Histogram latencies;
  const absl::Time begin = absl::Now();
  for (int i = 0; i < in_flight; ++i) Call::Start(load, absl::Now(), queue);
  absl::Status error;
  absl::Time last = begin;
  void* tag = nullptr;
  bool ok = false;
  for (int open = in_flight; open > 0 && queue.Next(&tag, &ok); --open) {
    const std::unique_ptr<Call> call(static_cast<Call*>(tag));
    last = absl::Now();
    latencies.Add(last - call->counted_from);
    if (!call->status.ok() && error.ok()) error = call->Result();
    if (error.ok() && more(last)) {
      Call::Start(load, last, queue);
      ++open;
    }
  }
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  if (!error.ok()) return error;
  return latencies.WithQuantiles(static_cast<double>(latencies.count()) / absl::ToDoubleSeconds(last - begin));
}

// Until `duration` has passed.
template <typename Request, typename Response>
absl::StatusOr<Sample> RunClosedLoop(const UnaryLoad<Request, Response>& load, int in_flight, absl::Duration duration) {
  const absl::Time end = absl::Now() + duration;
  return RunClosedLoopWhile(load, in_flight, [end](absl::Time now) { return now < end; });
}

// `calls` of them, at least `in_flight`.
template <typename Request, typename Response>
absl::StatusOr<Sample> RunClosedLoopCalls(const UnaryLoad<Request, Response>& load, int in_flight, int64_t calls) {
  return RunClosedLoopWhile(load, in_flight, [left = calls - in_flight](absl::Time) mutable { return left-- > 0; });
}

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_CLOSED_LOOP_H_
