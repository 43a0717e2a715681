#include "projector/fold_metrics.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace roster::projector {

FoldMetrics::FoldMetrics(metrics::Registry& registry, const Clock& clock)
    : registry_(registry),
      clock_(clock),
      serving_(registry.AddGauge("roster_serving", "1 while health checks answer SERVING, else 0.")),
      records_(registry.AddCounter("roster_projector_records_total",
                                   "Records of the log that were folded, dead letters included.")),
      dead_letters_(registry.AddCounter("roster_projector_dead_letters_total",
                                        "Records that could not be folded, and were kept as dead letters.")),
      batch_records_(registry.AddHistogram("roster_projector_batch_records", "Records folded in one transaction.",
                                           metrics::SizeBounds())),
      commit_(registry.AddHistogram("roster_projector_commit_seconds",
                                    "How long the read model took to commit a transaction.",
                                    metrics::DurationBounds())),
      retries_(registry.AddCounter("roster_projector_retries_total",
                                   "Times that log or disk could not be used, and the fold waited to try again.")) {
  registry.AddReadings("roster_projector_lag_seconds",
                       "Age of the newest moment that the read model is known to be complete up to.",
                       metrics::Kind::kGauge, [this] { return LagSeconds(); });
}

void FoldMetrics::BatchCommitted(int records, int dead_letters, absl::Duration commit_took) {
  commit_.Observe(absl::ToDoubleSeconds(commit_took));
  if (records == 0) return;
  batch_records_.Observe(records);
  records_.Add(records);
  dead_letters_.Add(dead_letters);
}

void FoldMetrics::SetPosition(const std::vector<int64_t>& next_offsets, const std::vector<int64_t>& ends) {
  while (partitions_.size() < next_offsets.size()) {
    const metrics::Labels labels = {{"partition", absl::StrCat(partitions_.size())}};
    partitions_.push_back(
        {.next_offset = registry_.AddGauge("roster_projector_next_offset",
                                           "Offset of the record that will be folded next.", labels),
         .lag = registry_.AddGauge("roster_projector_lag_records",
                                   "Records of the log that are not folded yet, as far as is known.", labels)});
  }
  for (size_t i = 0; i < next_offsets.size(); ++i) {
    partitions_[i].next_offset.Set(next_offsets[i]);
    if (i < ends.size()) partitions_[i].lag.Set(std::max<int64_t>(0, ends[i] - next_offsets[i]));
  }
}

void FoldMetrics::SetAsOf(absl::Time time) {
  const int64_t us = absl::ToUnixMicros(time);
  if (us > as_of_us_.load(std::memory_order_relaxed)) as_of_us_.store(us, std::memory_order_relaxed);
}

std::vector<metrics::Registry::Reading> FoldMetrics::LagSeconds() const {
  const int64_t as_of_us = as_of_us_.load(std::memory_order_relaxed);
  if (as_of_us == 0) return {};
  const absl::Duration lag = clock_.Now() - absl::FromUnixMicros(as_of_us);
  return {{.labels = {}, .value = std::max(0.0, absl::ToDoubleSeconds(lag))}};
}

}  // namespace roster::projector
