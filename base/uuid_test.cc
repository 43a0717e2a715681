#include "base/uuid.h"

#include "base/fake_clock.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(UuidV7GeneratorTest, HasTheFormOfVersion7) {
  FakeClock clock(absl::FromUnixMillis(0x0190b6b20102));
  UuidV7Generator generator(clock);
  const std::string uuid = generator.Next();
  EXPECT_TRUE(IsUuid(uuid)) << uuid;
  EXPECT_EQ(uuid.substr(0, 15), "0190b6b2-0102-7");
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
}

TEST(UuidV7GeneratorTest, CountsUpWithinAMillisecondAndWhenTheClockGoesBack) {
  FakeClock clock;
  UuidV7Generator generator(clock);
  std::string last = generator.Next();
  for (int i = 0; i < 10'000; ++i) {
    if (i == 5'000) clock.Advance(-absl::Hours(1));
    const std::string next = generator.Next();
    ASSERT_LT(last, next);
    last = next;
  }
}

TEST(UuidTest, MillisecondsAreThoseOfTheTimeItWasMade) {
  FakeClock clock(absl::FromUnixMillis(0x0190b6afe1d2));
  EXPECT_EQ(MillisOfUuidV7(UuidV7Generator(clock).Next()), 0x0190b6afe1d2);
  EXPECT_EQ(MillisOfUuidV7("ffffffff-ffff-7fff-bfff-ffffffffffff"), 0xffffffffffff);
  EXPECT_EQ(MillisOfUuidV7("0190b6af-e1d2-4000-8000-000000000000"), std::nullopt);
  EXPECT_EQ(MillisOfUuidV7("somebody"), std::nullopt);
}

TEST(UuidTest, FormIsChecked) {
  EXPECT_FALSE(IsUuid(""));
  EXPECT_FALSE(IsUuid("0190b6b2-0102-7000-8000-00000000000"));
  EXPECT_FALSE(IsUuid("0190B6B2-0102-7000-8000-000000000000"));
  EXPECT_FALSE(IsUuid("0190b6b2x0102-7000-8000-000000000000"));
}

}  // namespace
}  // namespace roster
