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

TEST(ConsistencyTokenTest, PayloadThatIsNoPositionIsRefusedAndNotTakenForTheEmptyOne) {
  const auto decode = [](const std::string& log_id, const std::vector<uint64_t>& offsets) {
    TokenWriter writer;
    writer.String(log_id);
    writer.Int(offsets.size());
    for (const uint64_t offset : offsets) writer.Int(offset);
    return DecodeConsistencyToken(SealToken(TokenKind::kConsistency, writer.Take())).status().code();
  };
  EXPECT_EQ(decode("log", {1}), absl::StatusCode::kOk);
  EXPECT_EQ(decode("log", {uint64_t{1} << 63}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(decode("", {1}), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(decode("log", {}), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace roster
