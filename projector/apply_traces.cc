#include "projector/apply_traces.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "base/steady_time.h"

namespace roster::projector {
namespace {

absl::string_view ValueOf(const event_log::RecordView& record, absl::string_view key) {
  for (const event_log::HeaderView& header : record.headers) {
    if (header.key == key) return header.value;
  }
  return {};
}

}  // namespace

void ApplyTraces::Note(const event_log::RecordView& record) {
  const absl::string_view traceparent = ValueOf(record, "traceparent");
  if (traceparent.empty()) return;
  std::optional<tracing::TraceContext> context = tracing::ParseTraceContext(traceparent, ValueOf(record, "tracestate"));
  if (!context || !context->sampled()) return;
  absl::Time appended;
  if (!absl::ParseTime(absl::RFC3339_full, std::string(ValueOf(record, "produced_at")), &appended, nullptr)) return;
  if (clock_.Now() - appended > kMaxAge) return;
  traced_.push_back({.context = *std::move(context), .location = record.location, .began = SteadyNow()});
}

bool ApplyTraces::IsLast(const event_log::RecordView& record) const {
  return !traced_.empty() && traced_.back().location == record.location;
}

void ApplyTraces::PassOver(const event_log::RecordView& record) {
  if (IsLast(record)) traced_.pop_back();
}

void ApplyTraces::PutAside(const event_log::RecordView& record) {
  if (IsLast(record)) traced_.back().dead_letter = true;
}

void ApplyTraces::Committed() const {
  if (traced_.empty()) return;
  const absl::Time now = SteadyNow();
  for (const Traced& traced : traced_) {
    tracer_.Processed(traced.context, traced.location.partition, traced.location.offset, now - traced.began,
                      traced.dead_letter ? "dead_letter" : "");
  }
}

}  // namespace roster::projector
