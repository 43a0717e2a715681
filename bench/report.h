#ifndef ROSTER_BENCH_REPORT_H_
#define ROSTER_BENCH_REPORT_H_

#include <string>
#include <vector>

#include "bench/figure.h"
#include "bench/settings.h"

namespace roster::bench {

// The figures as text in the form of settings.output, one row for each ceiling of a figure: a "table" for a terminal,
// or "json" for scripts/bench-figures, an object with the run's settings and the figures. Values, p50 and p99 are
// medians over the repeats; a ratio (measured / ceiling) is taken within each repeat.
std::string FormatReport(const std::vector<Figure>& figures, const Settings& settings);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_REPORT_H_
