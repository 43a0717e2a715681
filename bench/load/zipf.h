#ifndef ROSTER_BENCH_LOAD_ZIPF_H_
#define ROSTER_BENCH_LOAD_ZIPF_H_

#include <cstdint>
#include <random>

namespace roster::bench {

// Picks 0 to `items` - 1 so that the r-th most popular is picked in proportion to 1/r^0.99, as YCSB's requests are: of
// a million items a fifth of the picks fall on the first 12. Which items are popular is spread over the whole range,
// since users who signed up together are not alike. Gray et al., "Quickly Generating Billion-Record Synthetic
// Databases".
//
// Thread safety: none. The same picks in each run.
class Zipf {
 public:
  // Takes some 20 ns an item.
  explicit Zipf(int64_t items);

  int64_t Next();

 private:
  int64_t NextRank();

  const int64_t items_;
  double zeta_ = 0;
  double eta_ = 0;
  std::mt19937_64 random_;
};

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_ZIPF_H_
