#include "bench/report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<Figure> TwoFigures() {
  Figure import{.name = "ImportUsers, users", .samples = {{1234.5}}};
  Figure gets{.name = "GetUser, 64 in flight",
              .samples = {{100, 1.0, 2.0}, {300, 2.0, 9.0}, {200, 3.0, 4.0}},
              .ceilings = {{"empty RPC", {{1000, 0.5, 1.0}, {1000, 0.5, 1.0}, {1000, 0.5, 1.0}}},
                           {"disk", {{50, 1.5, 2.0}, {50, 0.5, 2.0}, {50, 0.5, 2.0}}}}};
  return {import, gets};
}

std::string Format(const std::vector<Figure>& figures, const std::string& output) {
  Settings settings;
  settings.output = output;
  return FormatReport(figures, settings);
}

TEST(ReportTest, EachCeilingOfAFigureHasARowOfItsOwn) {
  EXPECT_EQ(Format(TwoFigures(), "table"),
            "figure                 measured  ceiling    measured  ratio min / median / max  p50 ms  p99 ms\n"
            "ImportUsers, users     1,234 /s\n"
            "GetUser, 64 in flight    200 /s  empty RPC  1,000 /s  0.100 / 0.200 / 0.300       2.00    4.00\n"
            "GetUser, 64 in flight    200 /s  disk        50.0 /s  2.000 / 4.000 / 6.000       2.00    4.00\n");
}

TEST(ReportTest, RatiosAreTakenWithinEachRepeat) {
  const Figure drifting{.name = "GetUser", .samples = {{10}, {100}}, .ceilings = {{"empty RPC", {{20}, {200}}}}};
  EXPECT_THAT(Format({drifting}, "table"), HasSubstr("0.500 / 0.500 / 0.500"));
}

TEST(ReportTest, LatencyIsComparedWithTheSumOfItsCeilings) {
  const Figure p50 = LatencyFigure(TwoFigures()[1], "GetUser p50", &Sample::p50_ms, {"empty RPC", "disk"});
  EXPECT_THAT(Format({p50}, "table"),
              HasSubstr("GetUser p50   2.00 ms  empty RPC + disk   1.00 ms  0.500 / 2.000 / 3.000\n"));
}

TEST(ReportTest, JsonLeavesOutWhatIsAbsent) {
  const std::string json = Format({TwoFigures().front()}, "json");
  EXPECT_THAT(json, StartsWith("{\"log\":\"embedded\",\"users\":100000,\"seconds\":5,\"repeats\":3,"));
  EXPECT_THAT(json, HasSubstr("\"figures\":[\n{\"figure\":\"ImportUsers, users\",\"unit\":\"/s\","
                              "\"value\":1234.5000,\"values\":[1234.5000]}\n]}\n"));
}

}  // namespace
}  // namespace roster::bench
