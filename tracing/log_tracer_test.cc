#include "tracing/log_tracer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tracing/recording_tracer_for_test.h"

namespace roster::tracing {
namespace {

using testing::Contains;
using testing::Pair;

const TraceContext kSampled = {.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                               .tracestate = "vendor=1"};
const TraceContext kUnsampled = {.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"};

TEST(LogTracerTest, RecordIsFollowedFromAppendToFold) {
  RecordingTracer tracer;
  const LogTracer log(&tracer, "kafka", "users");
  std::unique_ptr<Span> send = log.StartSend(kSampled);
  ASSERT_NE(send, nullptr);
  const TraceContext carried = send->context();
  EXPECT_EQ(carried.tracestate, "vendor=1");
  log.Sent(*send, 3, 42, 7);
  send.reset();
  log.Processed(carried, 3, 42, absl::Milliseconds(2), "");

  const std::vector<RecordedSpan> spans = tracer.spans();
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].name, "send users");
  EXPECT_EQ(spans[0].kind, SpanKind::kProducer);
  EXPECT_EQ(spans[0].parent_span_id, kSampled.span_id());
  EXPECT_EQ(spans[0].context.trace_id(), kSampled.trace_id());
  EXPECT_THAT(
      spans[0].attributes,
      testing::IsSupersetOf({Pair("messaging.system", "kafka"), Pair("messaging.destination.name", "users"),
                             Pair("messaging.operation.type", "send"), Pair("messaging.batch.message_count", "7"),
                             Pair("messaging.destination.partition.id", "3"), Pair("messaging.kafka.offset", "42")}));
  EXPECT_EQ(spans[1].name, "process users");
  EXPECT_EQ(spans[1].kind, SpanKind::kConsumer);
  EXPECT_EQ(spans[1].parent_span_id, carried.span_id());
  EXPECT_EQ(spans[1].context.trace_id(), kSampled.trace_id());
  EXPECT_FALSE(spans[1].failed);
}

TEST(LogTracerTest, DeadLetterIsAFailedSpan) {
  RecordingTracer tracer;
  LogTracer(&tracer, "embedded", "log.db").Processed(kSampled, 0, 5, absl::ZeroDuration(), "dead_letter");
  ASSERT_EQ(tracer.spans().size(), 1u);
  EXPECT_TRUE(tracer.spans()[0].failed);
  EXPECT_THAT(tracer.spans()[0].attributes, Contains(Pair("error.type", "dead_letter")));
  EXPECT_THAT(tracer.spans()[0].attributes, Contains(Pair("messaging.system", "roster_embedded")));
  EXPECT_THAT(tracer.spans()[0].attributes, Contains(Pair("roster.log.offset", "5")));
}

TEST(LogTracerTest, TraceThatIsNotKeptMakesNoSpans) {
  RecordingTracer tracer;
  const LogTracer log(&tracer, "kafka", "users");
  EXPECT_EQ(log.StartSend(kUnsampled), nullptr);
  log.Processed(kUnsampled, 0, 0, absl::ZeroDuration(), "");
  EXPECT_TRUE(tracer.spans().empty());
}

TEST(LogTracerTest, WithoutATracerThereIsNothing) {
  const LogTracer log;
  EXPECT_FALSE(log.on());
  EXPECT_EQ(log.StartSend(kSampled), nullptr);
  log.Processed(kSampled, 0, 0, absl::ZeroDuration(), "");
}

}  // namespace
}  // namespace roster::tracing
