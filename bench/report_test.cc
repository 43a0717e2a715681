#include "bench/report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::bench {
namespace {

using ::testing::HasSubstr;

std::vector<Figure> TwoFigures() {
  Figure import{"ImportUsers, rows", {{1234.5, {}, {}}}, {}};
  Figure gets{"GetUser, 64 in flight",
              {{100, 1.0, 2.0}, {300, 2.0, 9.0}, {200, 3.0, 4.0}},
              {{"empty RPC", {1000, 1000, 1000}}, {"disk", {50, 50, 50}}}};
  return {import, gets};
}

TEST(ReportTest, EachCeilingOfAFigureHasARowOfItsOwn) {
  EXPECT_EQ(FormatReport(TwoFigures(), "markdown"),
            "| figure | a second | ceiling | a second | ratio min / median / max | p50 ms | p99 ms |\n"
            "|---|---:|---|---:|---|---:|---:|\n"
            "| ImportUsers, rows | 1,234 |  |  |  |  |  |\n"
            "| GetUser, 64 in flight | 200 | empty RPC | 1,000 | 0.100 / 0.200 / 0.300 | 2.00 | 4.00 |\n"
            "| GetUser, 64 in flight | 200 | disk | 50 | 2.000 / 4.000 / 6.000 | 2.00 | 4.00 |\n");
}

TEST(ReportTest, RatiosAreTakenWithinEachRepeat) {
  const Figure drifting{"GetUser", {{10, {}, {}}, {100, {}, {}}}, {{"empty RPC", {20, 200}}}};
  EXPECT_THAT(FormatReport({drifting}, "markdown"), HasSubstr("| 0.500 / 0.500 / 0.500 |"));
}

TEST(ReportTest, TableHasAlignedColumns) {
  EXPECT_THAT(
      FormatReport(TwoFigures(), "table"),
      HasSubstr("\nImportUsers, rows         1,234\n"
                "GetUser, 64 in flight       200  empty RPC     1,000  0.100 / 0.200 / 0.300       2.00    4.00\n"));
}

TEST(ReportTest, JsonLeavesOutWhatIsAbsent) {
  EXPECT_EQ(FormatReport({TwoFigures().front()}, "json"),
            "[\n{\"figure\":\"ImportUsers, rows\",\"per_second\":1234.5}\n]\n");
}

}  // namespace
}  // namespace roster::bench
