#ifndef ROSTER_BENCH_SUITE_H_
#define ROSTER_BENCH_SUITE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/stage.h"

namespace roster::bench {

// Measures every figure that settings.only selects, in the order in which they disturb each other least. NOT_FOUND
// where one of its texts selects none.
absl::Status RunSuite(Stage& stage);

// What settings.only is compared with, one for each file of figures/.
std::vector<std::string> FigureNames();

}  // namespace roster::bench

#endif  // ROSTER_BENCH_SUITE_H_
