#include "tracing/trace_context.h"

#include <string>

#include "gtest/gtest.h"

namespace roster::tracing {
namespace {

constexpr char kTraceparent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContextTest, TraceparentIsTakenApart) {
  const auto context = ParseTraceContext(kTraceparent, "vendor=1,other=2");
  ASSERT_TRUE(context);
  EXPECT_EQ(context->traceparent, kTraceparent);
  EXPECT_EQ(context->tracestate, "vendor=1,other=2");
  EXPECT_EQ(context->trace_id(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(context->span_id(), "b7ad6b7169203331");
  EXPECT_TRUE(context->sampled());
}

TEST(TraceContextTest, LowestFlagSaysWhetherTheTraceIsKept) {
  const std::string rest = std::string(kTraceparent).substr(0, 53);
  for (const char* flags : {"01", "03", "ff", "0b"})
    EXPECT_TRUE(ParseTraceContext(rest + flags, "")->sampled()) << flags;
  for (const char* flags : {"00", "02", "fe", "0a"}) {
    EXPECT_FALSE(ParseTraceContext(rest + flags, "")->sampled()) << flags;
  }
}

TEST(TraceContextTest, OfALaterVersionWhatThisOneKnowsIsTaken) {
  const std::string later = "cc" + std::string(kTraceparent).substr(2);
  EXPECT_EQ(ParseTraceContext(later, "")->traceparent, kTraceparent);
  EXPECT_EQ(ParseTraceContext(later + "-what-comes", "")->traceparent, kTraceparent);
  EXPECT_FALSE(ParseTraceContext(later + ".", ""));
}

TEST(TraceContextTest, WhatIsNoTraceparentIsNone) {
  const std::string valid = kTraceparent;
  const auto with = [&](size_t place, const std::string& text) {
    return std::string(valid).replace(place, text.size(), text);
  };
  for (const std::string& text :
       {std::string(), std::string("00-trace"), valid.substr(1), valid + "-", valid + "0", with(0, "ff"), with(0, "0G"),
        with(3, "0AF7651916CD43DD8448EB211C80319C"), with(3, std::string(32, '0')), with(36, std::string(16, '0')),
        with(35, "_"), with(53, "0x"), std::string(55, '-')}) {
    EXPECT_FALSE(ParseTraceContext(text, "")) << text;
  }
}

TEST(TraceContextTest, TracestateThatIsTooLongOrNoTextIsLeftOut) {
  EXPECT_EQ(ParseTraceContext(kTraceparent, std::string(512, 'a'))->tracestate.size(), 512u);
  EXPECT_EQ(ParseTraceContext(kTraceparent, std::string(513, 'a'))->tracestate, "");
  EXPECT_EQ(ParseTraceContext(kTraceparent, "a=\n")->tracestate, "");
}

}  // namespace
}  // namespace roster::tracing
