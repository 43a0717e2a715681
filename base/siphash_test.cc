#include "base/siphash.h"

#include <string>

#include "gtest/gtest.h"

namespace roster {
namespace {

// Key and answers of the reference implementation: the message is 00 01 02 ..., the key 00 ... 0f.
constexpr SipHashKey kKey{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};

std::string Counting(size_t length) {
  std::string bytes;
  for (size_t i = 0; i < length; ++i) bytes.push_back(static_cast<char>(i));
  return bytes;
}

TEST(SipHashTest, AgreesWithTheReferenceVectors) {
  EXPECT_EQ(SipHash(kKey, Counting(0)), 0x726fdb47dd0e0e31ULL);
  EXPECT_EQ(SipHash(kKey, Counting(1)), 0x74f839c593dc67fdULL);
  EXPECT_EQ(SipHash(kKey, Counting(8)), 0x93f5f5799a932462ULL);
  EXPECT_EQ(SipHash(kKey, Counting(15)), 0xa129ca6149be45e5ULL);
}

TEST(SipHashTest, DependsOnTheKey) {
  EXPECT_NE(SipHash({1, 2}, "ada@example.com"), SipHash({1, 3}, "ada@example.com"));
}

}  // namespace
}  // namespace roster
