#include "base/consistency_token.h"

#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(ConsistencyTokenTest, CarriesAPosition) {
  const Position position{"0190b6b2-0000-7000-8000-000000000000", {0, 1, 9'000'000'000}};
  EXPECT_EQ(DecodeConsistencyToken(EncodeConsistencyToken(position)).value(), position);
  EXPECT_EQ(DecodeConsistencyToken(EncodeConsistencyToken(Position{})).value(), Position{});
}

TEST(ConsistencyTokenTest, EmptyTokenIsTheEmptyPosition) { EXPECT_EQ(DecodeConsistencyToken("").value(), Position{}); }

TEST(ConsistencyTokenTest, AnythingElseIsRefused) {
  EXPECT_EQ(DecodeConsistencyToken("hello").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(DecodeConsistencyToken(SealToken(TokenKind::kPage, "")).ok());
  EXPECT_FALSE(DecodeConsistencyToken(SealToken(TokenKind::kConsistency, "")).ok());
  TokenWriter writer;
  WritePosition(Position{"log", {1}}, writer);
  writer.Int(7);
  EXPECT_FALSE(DecodeConsistencyToken(SealToken(TokenKind::kConsistency, writer.Take())).ok());
}

}  // namespace
}  // namespace roster
