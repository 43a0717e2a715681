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

enum class Unit { kPerSecond, kMilliseconds, kSeconds, kMebibytes, kCorePercent };

// What one measurement came to.
struct Sample {
  // In the figure's unit.
  double value = 0;
  // Of one call; absent where there are no calls to tell apart.
  std::optional<double> p50_ms = std::nullopt;
  std::optional<double> p99_ms = std::nullopt;
};

// Something that can be measured for about a given time. What can only be measured as a whole takes as long as it
// takes.
struct Measurement {
  std::string name;
  std::function<absl::StatusOr<Sample>(absl::Duration)> run;
};

// What a figure is compared with: a sample for each repeat.
struct Ceiling {
  std::string name;
  std::vector<Sample> samples;
};

// A sample for each repeat, and the ceilings measured in turn with it.
struct Figure {
  std::string name;
  Unit unit = Unit::kPerSecond;
  std::vector<Sample> samples;
  std::vector<Ceiling> ceilings = {};
};

enum class WarmUp { kYes, kNo };

// Warms `measured` and each of `ceilings` up, and then measures them in turn, settings.repeats times. The first error
// ends it: a rate of failures means nothing.
absl::StatusOr<Figure> MeasureFigure(const Settings& settings, const Measurement& measured,
                                     const std::vector<Measurement>& ceilings, WarmUp warm_up = WarmUp::kYes);

// A quantile of the calls of `measured` as a figure of its own, compared with the sum of the same quantile of those of
// its ceilings that `beside` names: a call that waits for one thing after another takes as long as all of them.
Figure LatencyFigure(const Figure& measured, const std::string& name, std::optional<double> Sample::* quantile,
                     const std::vector<std::string>& beside);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_FIGURE_H_
