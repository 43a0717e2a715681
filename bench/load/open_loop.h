#ifndef ROSTER_BENCH_LOAD_OPEN_LOOP_H_
#define ROSTER_BENCH_LOAD_OPEN_LOOP_H_

#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "bench/figure.h"
#include "bench/load/histogram.h"
#include "bench/load/schedule.h"
#include "bench/load/unary_load.h"

namespace roster::bench {

// Makes `per_second` calls a second for `duration`, each at its time, whether or not those before have been answered.
// Latencies count from the time at which a call was to be made. This thread makes the calls, another takes the answers.
// The sample is calls answered a second. The first call that fails is the run's error.
template <typename Request, typename Response>
absl::StatusOr<Sample> RunOpenLoop(const UnaryLoad<Request, Response>& load, double per_second,
                                   absl::Duration duration) {
  using Call = UnaryLoadCall<Request, Response>;
  grpc::CompletionQueue queue;
  Histogram latencies;
  absl::Status error;
  std::thread answers([&] {
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) {
      const std::unique_ptr<Call> call(static_cast<Call*>(tag));
      latencies.Add(absl::Now() - call->counted_from);
      if (!call->status.ok() && error.ok()) error = call->Result();
    }
  });
  const absl::Time begin = absl::Now();
  Schedule schedule(per_second, duration);
  absl::Time scheduled;
  while (schedule.Next(scheduled)) Call::Start(load, scheduled, queue);
  // Hands out the answers that are still to come first.
  queue.Shutdown();
  answers.join();
  if (!error.ok()) return error;
  return latencies.WithQuantiles(static_cast<double>(latencies.count()) / absl::ToDoubleSeconds(absl::Now() - begin));
}

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_OPEN_LOOP_H_
