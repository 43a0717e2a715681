#include "bench/load/histogram.h"

#include <cmath>

#include "gtest/gtest.h"

namespace roster::bench {
namespace {

TEST(HistogramTest, QuantilesAreRightToOnePercent) {
  Histogram histogram;
  for (int us = 1; us <= 100'000; ++us) histogram.Add(absl::Microseconds(us));
  EXPECT_EQ(histogram.count(), 100'000);
  for (const double q : {0.001, 0.01, 0.5, 0.9, 0.99, 0.999}) {
    EXPECT_NEAR(absl::ToDoubleMicroseconds(histogram.Quantile(q)), q * 100'000, q * 1'000) << q;
  }
}

TEST(HistogramTest, NoQuantileIsAboveTheLongest) {
  Histogram histogram;
  histogram.Add(absl::Nanoseconds(1'000'001));
  EXPECT_EQ(histogram.Quantile(1), absl::Nanoseconds(1'000'001));
  EXPECT_EQ(histogram.Max(), absl::Nanoseconds(1'000'001));
}

TEST(HistogramTest, ShortestAndLongestLatenciesHaveABucket) {
  Histogram histogram;
  histogram.Add(absl::Seconds(-1));
  histogram.Add(absl::Nanoseconds(255));
  histogram.Add(absl::Nanoseconds(256));
  histogram.Add(absl::Hours(24 * 365));
  EXPECT_EQ(histogram.Quantile(0), absl::ZeroDuration());
  EXPECT_EQ(histogram.Quantile(.5), absl::Nanoseconds(255));
  EXPECT_EQ(histogram.Quantile(1), absl::Hours(24 * 365));
}

TEST(HistogramTest, AnotherOneIsAddedBucketByBucket) {
  Histogram one, other;
  one.Add(absl::Milliseconds(1));
  other.Add(absl::Milliseconds(9));
  one.Add(other);
  EXPECT_EQ(one.count(), 2);
  EXPECT_EQ(one.Max(), absl::Milliseconds(9));
}

TEST(HistogramTest, EmptyOneHasNoQuantiles) { EXPECT_FALSE(Histogram().WithQuantiles(0).p50_ms.has_value()); }

}  // namespace
}  // namespace roster::bench
