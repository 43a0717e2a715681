#include "base/progress_bar.h"

#include <sstream>

#include "base/fake_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

using ::testing::HasSubstr;

TEST(ProgressBarTest, WritesNothingWhereThereIsNoTerminal) {
  std::ostringstream out;
  {
    ProgressBar bar(out, /*enabled=*/false, "rows");
    bar.Update(1, 0.5);
  }
  EXPECT_EQ(out.str(), "");
}

TEST(ProgressBarTest, ShowsShareCountRateAndTimeLeft) {
  std::ostringstream out;
  FakeClock clock;
  ProgressBar bar(out, /*enabled=*/true, "rows", clock);
  clock.Advance(absl::Seconds(10));
  bar.Update(250'000, 0.25);
  EXPECT_THAT(out.str(), HasSubstr("[#######-----------------------]  25%  250,000 rows, 25,000/s, 0:30 left"));
}

TEST(ProgressBarTest, DrawsAtMostTenTimesASecond) {
  std::ostringstream out;
  FakeClock clock;
  ProgressBar bar(out, /*enabled=*/true, "rows", clock);
  for (int i = 0; i < 1000; ++i) {
    bar.Update(i, std::nullopt);
    clock.Advance(absl::Milliseconds(1));
  }
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 10);
}

TEST(ProgressBarTest, LeavesAnEmptyLine) {
  std::ostringstream out;
  {
    ProgressBar(out, /*enabled=*/true, "rows").Update(5, std::nullopt);
  }
  EXPECT_THAT(out.str(), ::testing::EndsWith("\r\x1b[K"));
}

TEST(WithThousandsTest, PartsGroupsOfThree) {
  EXPECT_EQ(WithThousands(0), "0");
  EXPECT_EQ(WithThousands(999), "999");
  EXPECT_EQ(WithThousands(1000), "1,000");
  EXPECT_EQ(WithThousands(1234567), "1,234,567");
  EXPECT_EQ(WithThousands(-123456), "-123,456");
}

}  // namespace
}  // namespace roster
