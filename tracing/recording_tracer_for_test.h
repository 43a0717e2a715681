#ifndef ROSTER_TRACING_RECORDING_TRACER_FOR_TEST_H_
#define ROSTER_TRACING_RECORDING_TRACER_FOR_TEST_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "tracing/tracer.h"

namespace roster::tracing {

struct RecordedSpan {
  std::string name;
  SpanKind kind;
  TraceContext context;
  // Empty: it began the trace.
  std::string parent_span_id;
  std::map<std::string, std::string> attributes;
  bool failed = false;
};

// Keeps the spans that are done, for tests to look at.
//
// Thread safety: safe from any thread.
class RecordingTracer final : public Tracer {
 public:
  explicit RecordingTracer(bool sample_new_traces = true) : sample_new_traces_(sample_new_traces) {}

  bool SampleNewTrace() override { return sample_new_traces_; }

  std::unique_ptr<Span> Start(const SpanStart& start) override {
    const int number = NextNumber();
    RecordedSpan span{.name = std::string(start.name), .kind = start.kind};
    const std::string trace_id =
        start.parent != nullptr ? std::string(start.parent->trace_id()) : absl::StrFormat("%032x", number);
    if (start.parent != nullptr) span.parent_span_id = std::string(start.parent->span_id());
    span.context.traceparent = absl::StrCat("00-", trace_id, "-", absl::StrFormat("%016x", number), "-01");
    if (start.parent != nullptr) span.context.tracestate = start.parent->tracestate;
    auto recording = std::make_unique<Recording>(*this, std::move(span));
    for (const Attribute& attribute : start.attributes) recording->Set(attribute);
    return recording;
  }

  std::vector<RecordedSpan> spans() const {
    absl::MutexLock lock(&mutex_);
    return spans_;
  }

 private:
  class Recording final : public Span {
   public:
    Recording(RecordingTracer& tracer, RecordedSpan span)
        : Span(span.context), tracer_(tracer), span_(std::move(span)) {}
    ~Recording() override { tracer_.Keep(std::move(span_)); }
    void Set(const Attribute& attribute) override {
      const auto* text = absl::get_if<absl::string_view>(&attribute.value);
      span_.attributes[std::string(attribute.key)] =
          text != nullptr ? std::string(*text) : absl::StrCat(absl::get<int64_t>(attribute.value));
    }
    void SetFailed(absl::string_view error_type) override {
      span_.failed = true;
      Set({"error.type", error_type});
    }

   private:
    RecordingTracer& tracer_;
    RecordedSpan span_;
  };

  int NextNumber() {
    absl::MutexLock lock(&mutex_);
    return ++last_number_;
  }
  void Keep(RecordedSpan span) {
    absl::MutexLock lock(&mutex_);
    spans_.push_back(std::move(span));
  }

  const bool sample_new_traces_;
  mutable absl::Mutex mutex_;
  int last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<RecordedSpan> spans_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::tracing

#endif  // ROSTER_TRACING_RECORDING_TRACER_FOR_TEST_H_
