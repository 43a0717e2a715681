#include "base/log.h"

#include "base/log_trace_id.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(LogTest, LineIsOneJsonObject) {
  EXPECT_EQ(
      FormatLogLine(LogFormat::kJson, "T", LogLevel::kWarning, "roster-x", "said",
                    {{"n", 7}, {"yes", true}, {"text", "a\"b\\c\n\xff"}}),
      R"({"time":"T","level":"warning","program":"roster-x","message":"said","n":7,"yes":true,"text":"a\"b\\c\u000a\u00ff"})");
}

TEST(LogTest, TextLineIsForPeople) {
  EXPECT_EQ(FormatLogLine(LogFormat::kText, "T", LogLevel::kWarning, "roster-x", "said",
                          {{"n", 7}, {"with blank", true}, {"text", "a\" b=1\nc"}}),
            R"(T warning roster-x: said n=7 with_blank=true text="a\" b=1\u000ac")");
}

TEST(LogTest, LinesOfACallCarryItsTraceId) {
  const auto line = [](LogFormat format) { return FormatLogLine(format, "T", LogLevel::kInfo, "x", "said", {}); };
  {
    const LogTraceId outer("4bf9");
    {
      const LogTraceId inner("0af7");
      EXPECT_EQ(line(LogFormat::kText), "T info x: said trace_id=0af7");
      const LogTraceId none("");
      EXPECT_EQ(line(LogFormat::kText), "T info x: said trace_id=0af7");
    }
    EXPECT_EQ(line(LogFormat::kJson),
              R"({"time":"T","level":"info","program":"x","message":"said","trace_id":"4bf9"})");
  }
  EXPECT_EQ(line(LogFormat::kText), "T info x: said");
}

TEST(LogTest, LinesAreCountedByLevel) {
  const uint64_t before = LoggedLines(LogLevel::kError);
  Log(LogLevel::kDebug, "not written");
  Log(LogLevel::kError, "a test's line");
  EXPECT_EQ(LoggedLines(LogLevel::kError), before + 1);
  EXPECT_EQ(LoggedLines(LogLevel::kDebug), 0u);
}

TEST(LogTest, LevelsAndFormatsHaveNames) {
  EXPECT_EQ(ParseLogFormat("text"), LogFormat::kText);
  EXPECT_EQ(ParseLogFormat("?"), LogFormat::kJson);
  EXPECT_EQ(ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(ParseLogLevel("error"), LogLevel::kError);
  EXPECT_EQ(ParseLogLevel("?"), LogLevel::kInfo);
}

}  // namespace
}  // namespace roster
