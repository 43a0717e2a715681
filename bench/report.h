#ifndef ROSTER_BENCH_REPORT_H_
#define ROSTER_BENCH_REPORT_H_

#include <string>
#include <vector>

#include "bench/figure.h"

namespace roster::bench {

// The figures as text, one row for each ceiling of a figure: a "table" for a terminal, a "markdown" table to paste into
// docs/performance.md, or "json", an array of objects. Rates, p50 and p99 are medians over the repeats; a ratio is
// taken within each repeat.
std::string FormatReport(const std::vector<Figure>& figures, const std::string& output);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_REPORT_H_
