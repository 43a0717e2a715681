#include "tracing/otlp_tracer.h"

#include <cstdlib>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::tracing {
namespace {

using testing::HasSubstr;

// Nobody listens there.
constexpr char kAway[] = "http://127.0.0.1:1";
const TraceContext kParent = {.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                              .tracestate = "vendor=some-value,other=2"};

class OtlpTracerTest : public testing::Test {
 protected:
  OtlpTracerTest() {
    for (const char* name : {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"}) unsetenv(name);
  }
  ~OtlpTracerTest() override { unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT"); }

  static std::unique_ptr<Tracer> Start(double ratio = 1) {
    return StartOtlpTracer("a-program", {.otlp_endpoint = kAway, .ratio = ratio}).value();
  }
};

TEST_F(OtlpTracerTest, WithoutAnEndpointThereIsNoTracer) {
  const auto tracer = StartOtlpTracer("a-program", {});
  ASSERT_TRUE(tracer.ok());
  EXPECT_EQ(*tracer, nullptr);
}

TEST_F(OtlpTracerTest, EndpointOfTheEnvironmentCounts) {
  setenv("OTEL_EXPORTER_OTLP_ENDPOINT", kAway, 1);
  EXPECT_NE(StartOtlpTracer("a-program", {}).value(), nullptr);
}

TEST_F(OtlpTracerTest, EndpointThatIsNoneIsRefusedByName) {
  for (const char* endpoint :
       {"127.0.0.1:4317", "http://", "http://127.0.0.1", "ftp://127.0.0.1:4317", "https://a:b"}) {
    const auto tracer = StartOtlpTracer("a-program", {.otlp_endpoint = endpoint});
    ASSERT_FALSE(tracer.ok()) << endpoint;
    EXPECT_EQ(tracer.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(tracer.status().message()), HasSubstr("--otlp-endpoint"));
  }
}

TEST_F(OtlpTracerTest, SpanGoesOnWithItsParentsTrace) {
  const std::unique_ptr<Tracer> tracer = Start();
  const std::unique_ptr<Span> span = tracer->Start(
      {.name = "work", .parent = &kParent, .attributes = {{"a", "b"}, {"n", int64_t{1}}}, .age = absl::Seconds(1)});
  ASSERT_NE(span, nullptr);
  span->Set({"a", "c"});
  span->SetFailed("UNAVAILABLE");
  const auto context = ParseTraceContext(span->context().traceparent, span->context().tracestate);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id(), kParent.trace_id());
  EXPECT_NE(context->span_id(), kParent.span_id());
  EXPECT_EQ(context->tracestate, kParent.tracestate);
  EXPECT_TRUE(context->sampled());
}

TEST_F(OtlpTracerTest, SpanWithoutAParentBeginsATrace) {
  const std::unique_ptr<Tracer> tracer = Start();
  const TraceContext one = tracer->Start({.name = "one"})->context();
  const TraceContext other = tracer->Start({.name = "other"})->context();
  ASSERT_TRUE(ParseTraceContext(one.traceparent, one.tracestate));
  EXPECT_NE(one.trace_id(), other.trace_id());
}

TEST_F(OtlpTracerTest, RatioSaysHowManyTracesBegin) {
  const auto begun = [](double ratio) {
    const std::unique_ptr<Tracer> tracer = Start(ratio);
    int begun = 0;
    for (int i = 0; i < 10'000; ++i) begun += tracer->SampleNewTrace();
    return begun;
  };
  EXPECT_EQ(begun(0), 0);
  EXPECT_EQ(begun(1), 10'000);
  const int tenth = begun(0.1);
  EXPECT_GT(tenth, 500);
  EXPECT_LT(tenth, 1500);
}

TEST_F(OtlpTracerTest, SpansForWhichThereIsNoRoomAreLeftOut) {
  const std::unique_ptr<Tracer> tracer = Start();
  int made = 0;
  int left_out = 0;
  // Until the queue is full: the collector is away, but batches that it does not take leave the queue.
  while (left_out == 0 && made < 10'000'000) {
    const std::unique_ptr<Span> span = tracer->Start({.name = "work"});
    ++(span != nullptr ? made : left_out);
  }
  EXPECT_GT(left_out, 0);
  EXPECT_GE(made, 4096);
}

}  // namespace
}  // namespace roster::tracing
