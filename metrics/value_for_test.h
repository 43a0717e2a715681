#ifndef ROSTER_METRICS_VALUE_FOR_TEST_H_
#define ROSTER_METRICS_VALUE_FOR_TEST_H_

#include <numeric>
#include <string>

#include "metrics/registry.h"

namespace roster::metrics {

// The value of a metric as it stands; of a histogram, how many values it has seen. -1 where there is none with exactly
// these labels.
inline double ValueOf(const Registry& registry, const std::string& name, const Labels& labels = {}) {
  for (const Family& family : registry.Collect()) {
    if (family.name != name) continue;
    for (const Sample& sample : family.samples) {
      if (sample.labels != labels) continue;
      if (family.kind != Kind::kHistogram) return sample.value;
      return static_cast<double>(std::accumulate(sample.counts.begin(), sample.counts.end(), uint64_t{0}));
    }
  }
  return -1;
}

}  // namespace roster::metrics

#endif  // ROSTER_METRICS_VALUE_FOR_TEST_H_
