#ifndef ROSTER_BENCH_LOAD_HISTOGRAM_H_
#define ROSTER_BENCH_LOAD_HISTOGRAM_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "bench/figure.h"

namespace roster::bench {

// Latencies, in the way of HdrHistogram: 128 buckets for each doubling of nanoseconds, so that every quantile is right
// to 1 % however long the run is, in 60 KB. Debian has no package of the C library.
//
// Thread safety: none.
class Histogram {
 public:
  Histogram() : counts_(kBuckets) {}

  // Negative ones count as 0.
  void Add(absl::Duration latency);
  void Add(const Histogram& other);

  int64_t count() const { return count_; }
  // The latency that a share `q` (0 to 1) of all is no longer than; 0 where there are none.
  absl::Duration Quantile(double q) const;
  absl::Duration Max() const { return max_; }

  // A sample with these latencies.
  Sample WithQuantiles(double value) const;

 private:
  static constexpr int kSubBits = 7;
  static constexpr int kBuckets = (64 - kSubBits) << kSubBits;

  static int BucketOf(uint64_t nanoseconds);
  // The longest latency that falls into it.
  static uint64_t UpperEnd(int bucket);

  std::vector<int64_t> counts_;
  int64_t count_ = 0;
  absl::Duration max_;
};

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_HISTOGRAM_H_
