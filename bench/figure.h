#ifndef ROSTER_BENCH_FIGURE_H_
#define ROSTER_BENCH_FIGURE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bench/settings.h"

namespace roster::bench {

// What one measurement came to.
struct Rate {
  double per_second = 0;
  // Of one call; absent where there are no calls to tell apart.
  std::optional<double> p50_ms;
  std::optional<double> p99_ms;
};

// Something that can be measured for about a given time.
struct Measurement {
  std::string name;
  std::function<absl::StatusOr<Rate>(absl::Duration)> run;
};

// What a figure is compared with: a rate for each repeat.
struct Ceiling {
  std::string name;
  std::vector<double> per_second;
};

// A rate for each repeat, and the ceilings measured in turn with it.
struct Figure {
  std::string name;
  std::vector<Rate> rates;
  std::vector<Ceiling> ceilings;
};

// Warms `measured` and each of `ceilings` up, and then measures them in turn, settings.repeats times. The first error
// ends it: a rate of failures means nothing.
absl::StatusOr<Figure> MeasureFigure(const Settings& settings, const Measurement& measured,
                                     const std::vector<Measurement>& ceilings);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_FIGURE_H_
