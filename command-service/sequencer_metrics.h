#ifndef ROSTER_COMMAND_SERVICE_SEQUENCER_METRICS_H_
#define ROSTER_COMMAND_SERVICE_SEQUENCER_METRICS_H_

#include "absl/time/time.h"
#include "event-log/event_log.h"
#include "metrics/registry.h"

namespace roster::command {

// What an operator sees of the sequencer. docs/metrics.md says what each metric means.
//
// Thread safety: safe from any thread; no locks.
class SequencerMetrics {
 public:
  // What it counts in lives as long as `registry`.
  explicit SequencerMetrics(metrics::Registry& registry);

  // Leads, and decides.
  void SetLeading(bool leading) { leading_.Set(leading ? 1 : 0); }
  // Another attempt to take the lead will be made.
  void LeadRetried() { lead_retries_.Add(); }

  // How many wait to be decided.
  void SetWaiting(size_t commands, size_t import_rows) {
    waiting_commands_.Set(static_cast<int64_t>(commands));
    waiting_rows_.Set(static_cast<int64_t>(import_rows));
  }
  // One is decided, having waited so long.
  void Decided(absl::Duration waited) { wait_.Observe(absl::ToDoubleSeconds(waited)); }

  // A batch is on the log, or, without events, rests on a proven lead.
  void BatchDone(size_t commands, size_t events, absl::Duration took);
  void BatchFailed(event_log::AppendFailure failure);
  // How many of a batch's commands were refused by a decision.
  void Refused(size_t commands) { refused_.Add(commands); }

 private:
  metrics::Gauge& leading_;
  metrics::Counter& lead_retries_;
  metrics::Gauge& waiting_commands_;
  metrics::Gauge& waiting_rows_;
  metrics::Histogram& wait_;
  metrics::Histogram& batch_commands_;
  metrics::Counter& commands_;
  metrics::Counter& refused_;
  metrics::Counter& events_;
  metrics::Histogram& append_;
  metrics::Histogram& proof_;
  metrics::Counter& fenced_;
  metrics::Counter& unknown_;
  metrics::Counter& unavailable_;
  metrics::Counter& too_large_;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_SEQUENCER_METRICS_H_
