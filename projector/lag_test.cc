#include "projector/lag.h"

#include "absl/strings/str_cat.h"
#include "base/fake_clock.h"
#include "gtest/gtest.h"
#include "projector/log_for_test.h"
#include "user-event/event_for_test.h"

namespace roster::projector {
namespace {

using user_event::SignUpEventForTest;

class LagTest : public ::testing::Test {
 protected:
  LagTest() : log_(clock_, 2) {
    log_.AddGenesis();
    for (int i = 1; i <= 5; ++i) log_.Add(SignUpEventForTest(absl::StrCat("user-", i), "a@example.org", i), i % 2);
  }

  absl::StatusOr<Lag> Measure(std::vector<int64_t> next_offsets, int64_t max_records = 1000) {
    return MeasureLag(log_, {{LogForTest::kLogId, next_offsets}, {0, 0}}, max_records, absl::Seconds(10));
  }

  FakeClock clock_;
  LogForTest log_;
};

TEST_F(LagTest, CountsRecordsOfEachPartitionAndFindsTheOldest) {
  const auto lag = Measure({1, 2});
  ASSERT_TRUE(lag.ok()) << lag.status();
  EXPECT_TRUE(lag->complete);
  ASSERT_EQ(lag->partitions.size(), 2u);
  EXPECT_EQ(lag->partitions[0].records, 2);
  EXPECT_EQ(lag->partitions[0].oldest, absl::FromUnixSeconds(1'700'000'002));
  EXPECT_EQ(lag->partitions[1].records, 1);
  EXPECT_EQ(lag->partitions[1].oldest, absl::FromUnixSeconds(1'700'000'005));
}

TEST_F(LagTest, NothingIsLeftAtTheLogsEnd) {
  const auto lag = Measure({3, 3});
  ASSERT_TRUE(lag.ok()) << lag.status();
  EXPECT_TRUE(lag->complete);
  EXPECT_EQ(lag->partitions[0].records + lag->partitions[1].records, 0);
  EXPECT_FALSE(lag->partitions[0].oldest.has_value());
}

TEST_F(LagTest, CountsNoFurtherThanAsked) {
  for (int i = 0; i < 3000; ++i) log_.Add(SignUpEventForTest(absl::StrCat("more-", i), "a@example.org", 9), 0);
  const auto lag = Measure({1, 0}, 1000);
  ASSERT_TRUE(lag.ok()) << lag.status();
  EXPECT_FALSE(lag->complete);
  EXPECT_LT(lag->partitions[0].records, 2500);
}

TEST_F(LagTest, LogThatFailsIsAnError) {
  log_.FailPolls(1, absl::DataLossError("damaged"));
  EXPECT_EQ(Measure({1, 0}).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace roster::projector
