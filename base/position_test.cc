#include "base/position.h"

#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(PositionTest, IsReachedWhenEveryComponentIs) {
  const Position target{"log", {3, 5}};
  EXPECT_TRUE((Position{"log", {3, 5}}.Reaches(target)));
  EXPECT_TRUE((Position{"log", {4, 9}}.Reaches(target)));
  EXPECT_FALSE((Position{"log", {9, 4}}.Reaches(target)));
}

TEST(PositionTest, OfAnotherLogIsNeverReached) {
  EXPECT_FALSE((Position{"log", {3}}.Reaches(Position{"other", {1}})));
  EXPECT_FALSE((Position{"log", {3}}.Reaches(Position{"log", {1, 1}})));
}

TEST(PositionTest, EmptyOneIsReachedByAny) {
  EXPECT_TRUE(Position{}.Reaches(Position{}));
  EXPECT_TRUE((Position{"log", {0}}.Reaches(Position{})));
  EXPECT_FALSE((Position{}.Reaches(Position{"log", {0}})));
}

}  // namespace
}  // namespace roster
