#include "bench/figure.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"

namespace roster::bench {
namespace {

absl::StatusOr<Rate> Run(const Measurement& measurement, absl::Duration duration) {
  absl::StatusOr<Rate> rate = measurement.run(duration);
  if (rate.ok()) return rate;
  return absl::Status(rate.status().code(), absl::StrCat(measurement.name, ": ", rate.status().message()));
}

}  // namespace

absl::StatusOr<Figure> MeasureFigure(const Settings& settings, const Measurement& measured,
                                     const std::vector<Measurement>& ceilings) {
  Figure figure{measured.name, {}, {}};
  for (const Measurement& ceiling : ceilings) {
    figure.ceilings.push_back({ceiling.name, {}});
    ROSTER_RETURN_IF_ERROR(Run(ceiling, settings.warm_up()).status());
  }
  ROSTER_RETURN_IF_ERROR(Run(measured, settings.warm_up()).status());
  for (int repeat = 0; repeat < settings.repeats; ++repeat) {
    for (size_t i = 0; i < ceilings.size(); ++i) {
      ROSTER_ASSIGN_OR_RETURN(const Rate rate, Run(ceilings[i], settings.duration()));
      figure.ceilings[i].per_second.push_back(rate.per_second);
    }
    ROSTER_ASSIGN_OR_RETURN(const Rate rate, Run(measured, settings.duration()));
    figure.rates.push_back(rate);
  }
  return figure;
}

}  // namespace roster::bench
