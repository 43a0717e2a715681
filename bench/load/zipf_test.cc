#include "bench/load/zipf.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "gtest/gtest.h"

namespace roster::bench {
namespace {

std::vector<int> CountsOf(int64_t items, int picks) {
  Zipf zipf(items);
  std::vector<int> counts(static_cast<size_t>(items));
  for (int i = 0; i < picks; ++i) ++counts.at(static_cast<size_t>(zipf.Next()));
  return counts;
}

TEST(ZipfTest, PopularityFallsAsOneOverRank) {
  std::vector<int> counts = CountsOf(1000, 200'000);
  std::sort(counts.begin(), counts.end(), std::greater<>());
  // 1 / zeta(1000, 0.99) of all picks, and half and a tenth of that.
  EXPECT_NEAR(counts[0], 26'000, 1'500);
  EXPECT_NEAR(counts[1], 13'100, 1'000);
  EXPECT_NEAR(counts[9], 2'700, 700);
}

TEST(ZipfTest, PopularItemsAreNotNeighbours) {
  const std::vector<int> counts = CountsOf(1000, 200'000);
  const auto most = std::max_element(counts.begin(), counts.end()) - counts.begin();
  EXPECT_LT(counts.at(static_cast<size_t>(most + 1) % 1000), 2'000);
}

TEST(ZipfTest, FewItemsAreEnough) {
  for (const int64_t items : {1, 2, 3}) {
    const std::vector<int> counts = CountsOf(items, 100);
    EXPECT_GT(*std::max_element(counts.begin(), counts.end()), 0) << items;
  }
}

}  // namespace
}  // namespace roster::bench
