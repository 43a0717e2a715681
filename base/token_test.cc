#include "base/token.h"

#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(TokenTest, OpensToWhatWasSealed) {
  const std::string payload("a\0b\xff", 4);
  EXPECT_EQ(OpenToken(TokenKind::kPage, SealToken(TokenKind::kPage, payload)).value(), payload);
}

TEST(TokenTest, IsUrlSafe) {
  for (int i = 0; i < 256; ++i) {
    const std::string token = SealToken(TokenKind::kPage, std::string(i, static_cast<char>(i)));
    EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_="),
              std::string::npos);
  }
}

TEST(TokenTest, OfAnotherKindIsRefused) {
  const auto opened = OpenToken(TokenKind::kResume, SealToken(TokenKind::kPage, "x"));
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(TokenTest, DamagedAnywhereIsRefused) {
  const std::string token = SealToken(TokenKind::kConsistency, "some payload");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string damaged = token;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(OpenToken(TokenKind::kConsistency, damaged).ok()) << i;
    EXPECT_FALSE(OpenToken(TokenKind::kConsistency, token.substr(0, i)).ok()) << i;
  }
  EXPECT_FALSE(OpenToken(TokenKind::kConsistency, "!!").ok());
  EXPECT_FALSE(OpenToken(TokenKind::kConsistency, std::string(kMaxTokenBytes + 1, 'A')).ok());
}

TEST(TokenReaderTest, ReadsBackWhatWasWritten) {
  TokenWriter writer;
  writer.Int(0);
  writer.Int(127);
  writer.Int(128);
  writer.Int(UINT64_MAX);
  writer.String("hello");
  writer.String("");
  const std::string bytes = writer.Take();
  TokenReader reader(bytes);
  EXPECT_EQ(reader.Int(), 0u);
  EXPECT_EQ(reader.Int(), 127u);
  EXPECT_EQ(reader.Int(), 128u);
  EXPECT_EQ(reader.Int(), UINT64_MAX);
  EXPECT_EQ(reader.String(), "hello");
  EXPECT_EQ(reader.String(), "");
  EXPECT_TRUE(reader.Finished());
}

TEST(TokenReaderTest, FailsOnBytesCutShortAndStaysFailed) {
  TokenWriter writer;
  writer.String("hello");
  const std::string bytes = writer.Take();
  TokenReader reader(absl::string_view(bytes).substr(0, 3));
  EXPECT_EQ(reader.String(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.Int(), 0u);
  EXPECT_FALSE(reader.Finished());
  TokenReader endless(absl::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
  endless.Int();
  EXPECT_FALSE(endless.ok());
}

TEST(TokenReaderTest, RefusesAnotherSpellingOfANumber) {
  for (const absl::string_view bytes : {absl::string_view("\x81\x00", 2), absl::string_view("\x80\x00", 2),
                                        absl::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f")}) {
    TokenReader reader(bytes);
    reader.Int();
    EXPECT_FALSE(reader.ok());
  }
}

}  // namespace
}  // namespace roster
