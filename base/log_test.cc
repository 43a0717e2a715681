#include "base/log.h"

#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(LogTest, LineIsOneJsonObject) {
  EXPECT_EQ(
      FormatLogLine("T", LogLevel::kWarning, "roster-x", "said", {{"n", 7}, {"yes", true}, {"text", "a\"b\\c\n\xff"}}),
      R"({"time":"T","level":"warning","program":"roster-x","message":"said","n":7,"yes":true,"text":"a\"b\\c\u000a\u00ff"})");
}

TEST(LogTest, LevelsHaveNames) {
  EXPECT_EQ(ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(ParseLogLevel("error"), LogLevel::kError);
  EXPECT_EQ(ParseLogLevel("?"), LogLevel::kInfo);
}

}  // namespace
}  // namespace roster
