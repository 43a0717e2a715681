#include "projector/apply_traces.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/fake_clock.h"
#include "base/temp_dir.h"
#include "gtest/gtest.h"
#include "projector/fold_step.h"
#include "projector/log_for_test.h"
#include "tracing/recording_tracer_for_test.h"
#include "user-event/event_for_test.h"

namespace roster::projector {
namespace {

using tracing::RecordedSpan;
using user_event::SignUpEventForTest;

constexpr char kRest[] = "-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";

std::string Traceparent(bool sampled) { return absl::StrCat("00", kRest, sampled ? "01" : "00"); }

class ApplyTracesTest : public testing::Test {
 protected:
  ApplyTracesTest() { log_.AddGenesis(); }

  void Add(const std::string& user_id, const std::string& traceparent) {
    const event_log::Record record = user_event::WriteRecord(
        SignUpEventForTest(user_id, absl::StrCat(user_id, "@example.org"), ++sequence_), traceparent, "vendor=1");
    log_.Add(0, {record.key, record.value, record.headers});
  }

  void Fold(FoldStep& step) {
    step.Interrupt();
    const absl::Status folded = step.Run();
    EXPECT_TRUE(folded.ok()) << folded;
  }

  std::vector<RecordedSpan> FoldAll() {
    FoldStep step(Options(), log_, folder_, clock_, nullptr, metrics_);
    do {
      Fold(step);
    } while (!step.caught_up());
    return tracer_.spans();
  }

  FoldOptions Options() {
    FoldOptions options;
    options.log_tracer = tracing::LogTracer(&tracer_, "kafka", "users");
    return options;
  }

  TempDir dir_;
  const read_model::Folder folder_{dir_.path()};
  FakeClock clock_;
  LogForTest log_{clock_};
  metrics::Registry registry_;
  FoldMetrics metrics_{registry_, clock_};
  tracing::RecordingTracer tracer_;
  int64_t sequence_ = 0;
};

TEST_F(ApplyTracesTest, SampledRecordMakesASpanInItsWritersTrace) {
  Add("sampled", Traceparent(true));
  Add("unsampled", Traceparent(false));
  Add("without", "");
  Add("no-context", "00-trace");
  const std::vector<RecordedSpan> spans = FoldAll();
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].name, "process users");
  EXPECT_EQ(spans[0].parent_span_id, "b7ad6b7169203331");
  EXPECT_EQ(spans[0].context.trace_id(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(spans[0].context.tracestate, "vendor=1");
  EXPECT_EQ(spans[0].attributes.at("messaging.kafka.offset"), "1");
  EXPECT_FALSE(spans[0].failed);
}

TEST_F(ApplyTracesTest, DeadLetterIsAFailedSpan) {
  event_log::Record record =
      user_event::WriteRecord(SignUpEventForTest("ada", "ada@example.org", 1), Traceparent(true));
  log_.Add(0, {record.key, "no event", record.headers});
  const std::vector<RecordedSpan> spans = FoldAll();
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_TRUE(spans[0].failed);
  EXPECT_EQ(spans[0].attributes.at("error.type"), "dead_letter");
}

TEST_F(ApplyTracesTest, OldRecordsMakeNoSpans) {
  Add("ada", Traceparent(true));
  clock_.Advance(ApplyTraces::kMaxAge + absl::Minutes(1));
  EXPECT_TRUE(FoldAll().empty());
}

TEST_F(ApplyTracesTest, WhatIsFoldedOnceHasOneSpan) {
  Add("ada", Traceparent(true));
  EXPECT_EQ(FoldAll().size(), 1u);
  EXPECT_EQ(FoldAll().size(), 1u);
}

}  // namespace
}  // namespace roster::projector
