#include "bench/figure.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"

namespace roster::bench {
namespace {

absl::StatusOr<Sample> Run(const Measurement& measurement, absl::Duration duration) {
  absl::StatusOr<Sample> sample = measurement.run(duration);
  if (sample.ok()) return sample;
  return absl::Status(sample.status().code(), absl::StrCat(measurement.name, ": ", sample.status().message()));
}

}  // namespace

absl::StatusOr<Figure> MeasureFigure(const Settings& settings, const Measurement& measured,
                                     const std::vector<Measurement>& ceilings, WarmUp warm_up) {
  Figure figure{.name = measured.name, .samples = {}};
  for (const Measurement& ceiling : ceilings) {
    figure.ceilings.push_back({ceiling.name, {}});
    if (warm_up == WarmUp::kYes) ROSTER_RETURN_IF_ERROR(Run(ceiling, settings.warm_up()).status());
  }
  if (warm_up == WarmUp::kYes) ROSTER_RETURN_IF_ERROR(Run(measured, settings.warm_up()).status());
  for (int repeat = 0; repeat < settings.repeats; ++repeat) {
    for (size_t i = 0; i < ceilings.size(); ++i) {
      ROSTER_ASSIGN_OR_RETURN(const Sample sample, Run(ceilings[i], settings.duration()));
      figure.ceilings[i].samples.push_back(sample);
    }
    ROSTER_ASSIGN_OR_RETURN(const Sample sample, Run(measured, settings.duration()));
    figure.samples.push_back(sample);
  }
  return figure;
}

Figure LatencyFigure(const Figure& measured, const std::string& name, std::optional<double> Sample::* quantile,
                     const std::vector<std::string>& beside) {
  Figure figure{.name = name, .unit = Unit::kMilliseconds, .samples = {}};
  for (const Sample& sample : measured.samples) figure.samples.push_back({(sample.*quantile).value_or(0)});
  if (beside.empty()) return figure;
  Ceiling sum{absl::StrJoin(beside, " + "), std::vector<Sample>(measured.samples.size())};
  for (const Ceiling& ceiling : measured.ceilings) {
    if (std::find(beside.begin(), beside.end(), ceiling.name) == beside.end()) continue;
    for (size_t i = 0; i < sum.samples.size(); ++i) sum.samples[i].value += (ceiling.samples[i].*quantile).value_or(0);
  }
  figure.ceilings.push_back(std::move(sum));
  return figure;
}

}  // namespace roster::bench
