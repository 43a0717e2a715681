#include "command-service/sequencer_metrics.h"

#include <string>

namespace roster::command {
namespace {

metrics::Gauge& Waiting(metrics::Registry& registry, const std::string& kind) {
  return registry.AddGauge("roster_command_waiting_commands", "Commands that wait to be decided.", {{"kind", kind}});
}

metrics::Histogram& LogWrite(metrics::Registry& registry, const std::string& operation) {
  return registry.AddHistogram("roster_command_log_write_seconds",
                               "How long the log took for a batch: to append its events, or, where it has none, to "
                               "prove the lead.",
                               metrics::DurationBounds(), {{"operation", operation}});
}

metrics::Counter& Failures(metrics::Registry& registry, const std::string& failure) {
  return registry.AddCounter("roster_command_log_write_failures_total",
                             "Batches that the log did not take, by what is known of them.", {{"failure", failure}});
}

}  // namespace

SequencerMetrics::SequencerMetrics(metrics::Registry& registry)
    : leading_(registry.AddGauge("roster_command_leader", "1 while this command service leads and decides, else 0.")),
      lead_retries_(
          registry.AddCounter("roster_command_lead_retries_total",
                              "Attempts to take the lead, or to stand for it, that failed and are repeated.")),
      waiting_commands_(Waiting(registry, "command")),
      waiting_rows_(Waiting(registry, "import_row")),
      wait_(registry.AddHistogram("roster_command_wait_seconds",
                                  "How long a command waited, from when it came in to when it was decided.",
                                  metrics::DurationBounds())),
      batch_commands_(registry.AddHistogram("roster_command_batch_commands", "Commands decided in one batch.",
                                            metrics::SizeBounds())),
      commands_(registry.AddCounter("roster_command_decided_total",
                                    "Commands decided in batches that the log took, rows of imports included.")),
      refused_(registry.AddCounter("roster_command_refused_total", "Those of them that a decision refused.")),
      events_(registry.AddCounter("roster_command_events_total", "Events appended to the log.")),
      append_(LogWrite(registry, "append")),
      proof_(LogWrite(registry, "prove_lead")),
      fenced_(Failures(registry, "fenced")),
      unknown_(Failures(registry, "unknown")),
      unavailable_(Failures(registry, "unavailable")),
      too_large_(Failures(registry, "too_large")) {}

void SequencerMetrics::BatchDone(size_t commands, size_t events, absl::Duration took) {
  batch_commands_.Observe(static_cast<double>(commands));
  commands_.Add(commands);
  events_.Add(events);
  (events > 0 ? append_ : proof_).Observe(absl::ToDoubleSeconds(took));
}

void SequencerMetrics::BatchFailed(event_log::AppendFailure failure) {
  switch (failure) {
    case event_log::AppendFailure::kFenced:
      return fenced_.Add();
    case event_log::AppendFailure::kUnknown:
      return unknown_.Add();
    case event_log::AppendFailure::kUnavailable:
      return unavailable_.Add();
    case event_log::AppendFailure::kTooLarge:
      return too_large_.Add();
  }
}

}  // namespace roster::command
