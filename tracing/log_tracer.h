#ifndef ROSTER_TRACING_LOG_TRACER_H_
#define ROSTER_TRACING_LOG_TRACER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tracing/tracer.h"

namespace roster::tracing {

// The spans of records on their way through one log, named by OpenTelemetry's conventions for messaging: "send LOG"
// by who appends a record, "process LOG" by who folds it. Copied freely; must not outlive the tracer.
//
// Thread safety: as Tracer.
class LogTracer {
 public:
  // Makes no spans.
  LogTracer() = default;
  // `system`: "kafka" or "embedded"; `log`: the topic, or the file's name. Null `tracer`: no spans.
  LogTracer(Tracer* tracer, absl::string_view system, absl::string_view log);

  bool on() const { return tracer_ != nullptr; }

  // The span of appending one record, which is to carry its context in its headers. Null where the trace is not kept.
  std::unique_ptr<Span> StartSend(const TraceContext& cause) const;
  // The record is on the log, one of `batch_records` in one append.
  void Sent(Span& span, int32_t partition, int64_t offset, size_t batch_records) const;

  // A record that carried `context` was folded: the work began `age` ago, and is done. With a `failure`, a short word,
  // it could not be, and was put aside.
  void Processed(const TraceContext& context, int32_t partition, int64_t offset, absl::Duration age,
                 absl::string_view failure) const;

 private:
  void SetLocation(Span& span, int32_t partition, int64_t offset) const;

  Tracer* tracer_ = nullptr;
  std::string system_;
  std::string log_;
  std::string send_name_;
  std::string process_name_;
  absl::string_view offset_key_;
};

}  // namespace roster::tracing

#endif  // ROSTER_TRACING_LOG_TRACER_H_
