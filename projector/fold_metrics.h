#ifndef ROSTER_PROJECTOR_FOLD_METRICS_H_
#define ROSTER_PROJECTOR_FOLD_METRICS_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "metrics/registry.h"

namespace roster::projector {

// What an operator sees of the fold. docs/metrics.md says what each metric means.
//
// Thread safety: the fold's thread. It is collected from any.
class FoldMetrics {
 public:
  // Both must outlive it. It must outlive whoever collects from `registry`.
  FoldMetrics(metrics::Registry& registry, const Clock& clock);

  // A batch is committed.
  void BatchCommitted(int records, int dead_letters, absl::Duration commit_took);
  // Where the fold stands after it, and where the log ends as far as that is known: empty where it is not.
  void SetPosition(const std::vector<int64_t>& next_offsets, const std::vector<int64_t>& ends);
  // The read model holds all that was recorded before `time`. For lag: it never goes back.
  void SetAsOf(absl::Time time);
  // Log or disk cannot be used just now; another attempt will be made.
  void Retried() { retries_.Add(); }
  void SetServing(bool serving) { serving_.Set(serving ? 1 : 0); }

 private:
  struct Partition {
    metrics::Gauge& next_offset;
    metrics::Gauge& lag;
  };
  std::vector<metrics::Registry::Reading> LagSeconds() const;

  metrics::Registry& registry_;
  const Clock& clock_;
  metrics::Gauge& serving_;
  metrics::Counter& records_;
  metrics::Counter& dead_letters_;
  metrics::Histogram& batch_records_;
  metrics::Histogram& commit_;
  metrics::Counter& retries_;
  std::vector<Partition> partitions_;
  // Since 1970; 0: not known yet.
  std::atomic<int64_t> as_of_us_ = 0;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_FOLD_METRICS_H_
