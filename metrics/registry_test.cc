#include "metrics/registry.h"

#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::metrics {
namespace {

using testing::ElementsAre;

TEST(RegistryTest, CollectsInOrderOfNamesAndLabels) {
  Registry registry;
  registry.AddCounter("b_total", "b", {{"k", "2"}}).Add(5);
  registry.AddCounter("b_total", "b", {{"k", "1"}});
  registry.AddGauge("a", "help of a").Set(-3);
  const std::vector<Family> families = registry.Collect();
  ASSERT_EQ(families.size(), 2u);
  EXPECT_EQ(families[0].name, "a");
  EXPECT_EQ(families[0].help, "help of a");
  EXPECT_EQ(families[0].kind, Kind::kGauge);
  EXPECT_EQ(families[0].samples[0].value, -3);
  EXPECT_EQ(families[1].kind, Kind::kCounter);
  ASSERT_EQ(families[1].samples.size(), 2u);
  EXPECT_EQ(families[1].samples[0].labels, (Labels{{"k", "1"}}));
  EXPECT_EQ(families[1].samples[0].value, 0);
  EXPECT_EQ(families[1].samples[1].value, 5);
}

TEST(RegistryTest, CellsOfOneNameAndLabelsAreSummed) {
  Registry registry;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&registry] {
      Counter& counter = registry.AddCounter("c_total", "c");
      Gauge& gauge = registry.AddGauge("g", "g");
      Histogram& histogram = registry.AddHistogram("h", "h", {1, 2});
      for (int n = 0; n < 1000; ++n) {
        counter.Add();
        gauge.Add(2);
        gauge.Add(-1);
        histogram.Observe(2);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<Family> families = registry.Collect();
  ASSERT_EQ(families.size(), 3u);
  EXPECT_EQ(families[0].samples[0].value, 4000);
  EXPECT_EQ(families[1].samples[0].value, 4000);
  EXPECT_THAT(families[2].samples[0].counts, ElementsAre(0, 4000, 0));
  EXPECT_EQ(families[2].samples[0].value, 8000);
}

TEST(RegistryTest, HistogramPutsAValueIntoTheBucketThatItBounds) {
  Registry registry;
  Histogram& histogram = registry.AddHistogram("h", "h", {1, 2});
  for (const double value : {0.5, 1.0, 1.5, 2.0, 2.5}) histogram.Observe(value);
  EXPECT_THAT(histogram.counts(), ElementsAre(2, 2, 1));
  EXPECT_EQ(histogram.sum(), 7.5);
}

TEST(RegistryTest, ReadingsAreTakenAtEachCollection) {
  Registry registry;
  int asked = 0;
  registry.AddReading("r", "r", Kind::kGauge, [&asked] { return ++asked; });
  registry.AddReadings("unknown", "u", Kind::kGauge, [] { return std::vector<Registry::Reading>(); });
  EXPECT_EQ(registry.Collect()[0].samples[0].value, 1);
  EXPECT_EQ(registry.Collect()[0].samples[0].value, 2);
  EXPECT_TRUE(registry.Collect()[1].samples.empty());
}

}  // namespace
}  // namespace roster::metrics
