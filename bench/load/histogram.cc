#include "bench/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace roster::bench {

int Histogram::BucketOf(uint64_t nanoseconds) {
  // Below two full rows of buckets each value has its own.
  if (nanoseconds < (2u << kSubBits)) return static_cast<int>(nanoseconds);
  const int shift = std::bit_width(nanoseconds) - 1 - kSubBits;
  return (shift << kSubBits) + static_cast<int>(nanoseconds >> shift);
}

uint64_t Histogram::UpperEnd(int bucket) {
  if (bucket < (2 << kSubBits)) return static_cast<uint64_t>(bucket);
  const int shift = (bucket >> kSubBits) - 1;
  const uint64_t lead = static_cast<uint64_t>(bucket) - (static_cast<uint64_t>(shift) << kSubBits);
  return ((lead + 1) << shift) - 1;
}

void Histogram::Add(absl::Duration latency) {
  latency = std::max(latency, absl::ZeroDuration());
  ++counts_[BucketOf(static_cast<uint64_t>(absl::ToInt64Nanoseconds(latency)))];
  ++count_;
  max_ = std::max(max_, latency);
}

void Histogram::Add(const Histogram& other) {
  for (int i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

absl::Duration Histogram::Quantile(double q) const {
  const int64_t rank = std::max<int64_t>(1, static_cast<int64_t>(std::ceil(q * static_cast<double>(count_))));
  int64_t below = 0;
  for (int i = 0; i < kBuckets; ++i) {
    below += counts_[i];
    if (below >= rank) return std::min(max_, absl::Nanoseconds(UpperEnd(i)));
  }
  return absl::ZeroDuration();
}

Sample Histogram::WithQuantiles(double value) const {
  if (count_ == 0) return {value};
  return {value, absl::ToDoubleMilliseconds(Quantile(.5)), absl::ToDoubleMilliseconds(Quantile(.99))};
}

}  // namespace roster::bench
