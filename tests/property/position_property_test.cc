// Positions are ordered as sets of records are: by inclusion. Tokens keep them as they are.
#include <algorithm>

#include "base/consistency_token.h"
#include "gtest/gtest.h"
#include "tests/property/rounds.h"

namespace roster {
namespace {

using test::Random;

Position Join(const Position& a, const Position& b) {
  Position joined = a;
  for (size_t i = 0; i < joined.next_offsets.size(); ++i) {
    joined.next_offsets[i] = std::max(a.next_offsets[i], b.next_offsets[i]);
  }
  return joined;
}

// Few values, so that positions meet; now and then the ends of the range.
Position Some(Random& random, int partitions) {
  Position position = StartOf("0190a0a0-0000-7000-8000-000000000001", partitions);
  for (int64_t& offset : position.next_offsets) {
    offset = random.OneIn(10) ? static_cast<int64_t>(random.Bits() >> 1) : random.Below(3);
  }
  return position;
}

TEST(PositionProperty, ReachesIsAnOrderWithUpperBounds) {
  test::ForEachSeed(2000, [](Random& random) {
    const int partitions = 1 + random.Below(4);
    const Position a = Some(random, partitions), b = Some(random, partitions), c = Some(random, partitions);
    EXPECT_TRUE(a.Reaches(a));
    EXPECT_TRUE(a.Reaches(Position{}));
    EXPECT_FALSE(Position{}.Reaches(a));
    EXPECT_EQ(a.Reaches(b) && b.Reaches(a), a == b);
    EXPECT_TRUE(!a.Reaches(b) || !b.Reaches(c) || a.Reaches(c));
    const Position joined = Join(a, b);
    EXPECT_TRUE(joined.Reaches(a) && joined.Reaches(b));
    EXPECT_EQ(c.Reaches(joined), c.Reaches(a) && c.Reaches(b));
    Position foreign = a;
    foreign.log_id.back() = '2';
    EXPECT_FALSE(foreign.Reaches(a) || a.Reaches(foreign));
    Position wider = a;
    wider.next_offsets.push_back(0);
    EXPECT_FALSE(wider.Reaches(a) || a.Reaches(wider));
  });
}

TEST(PositionProperty, TokensKeepPositionsAndTheirOrder) {
  test::ForEachSeed(1000, [](Random& random) {
    const int partitions = 1 + random.Below(512);
    const Position a = Some(random, partitions), b = Some(random, partitions);
    const auto again = [](const Position& position) {
      return DecodeConsistencyToken(EncodeConsistencyToken(position)).value();
    };
    EXPECT_EQ(again(a), a);
    EXPECT_EQ(again(a).Reaches(again(b)), a.Reaches(b));
    EXPECT_EQ(EncodeConsistencyToken(a) == EncodeConsistencyToken(b), a == b);
  });
}

}  // namespace
}  // namespace roster
