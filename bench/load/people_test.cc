#include "bench/load/people.h"

#include <set>

#include "gtest/gtest.h"

namespace roster::bench {
namespace {

TEST(PeopleTest, NoTwoShareAnAddress) {
  std::set<std::string> emails;
  for (int64_t person = 0; person < 10'000; ++person) emails.insert(EmailOf(person));
  EXPECT_EQ(emails.size(), 10'000u);
}

TEST(PeopleTest, AddressesAndNamesAreAsLongAsRealOnes) {
  size_t email_bytes = 0;
  size_t name_bytes = 0;
  for (int64_t person = 100'000; person < 110'000; ++person) {
    email_bytes += EmailOf(person).size();
    name_bytes += DisplayNameOf(person).size();
    EXPECT_LE(EmailOf(person).size(), 60u);
  }
  EXPECT_NEAR(static_cast<double>(email_bytes) / 10'000, 34, 2);
  EXPECT_NEAR(static_cast<double>(name_bytes) / 10'000, 13, 2);
}

TEST(PeopleTest, NeighboursAreNotNeighboursInTheIndex) {
  std::string before = EmailOf(0);
  int in_order = 0;
  for (int64_t person = 1; person < 1'000; ++person) {
    const std::string email = EmailOf(person);
    if (before < email) ++in_order;
    before = email;
  }
  EXPECT_NEAR(in_order, 500, 60);
}

}  // namespace
}  // namespace roster::bench
