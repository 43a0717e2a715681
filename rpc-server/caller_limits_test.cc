#include "rpc-server/caller_limits.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rpc-server/call_rates.h"
#include "rpc-server/peer_address.h"

namespace roster::rpc {
namespace {

using testing::HasSubstr;

const absl::Time kStart = absl::UnixEpoch() + absl::Hours(1);
constexpr absl::Duration kTick = absl::Milliseconds(100);

// How many of `tries` at once are allowed.
int Allowed(CallRates& rates, const std::string& caller, absl::Time now, int tries) {
  int allowed = 0;
  for (int i = 0; i < tries; ++i) allowed += rates.CountIfAllowed(caller, now) == absl::ZeroDuration() ? 1 : 0;
  return allowed;
}

TEST(CallRatesTest, AfterAPauseAsManyAtOnceAsTheBurstHolds) {
  CallRates rates(10, absl::Seconds(1));
  EXPECT_EQ(Allowed(rates, "ann", kStart, 20), 10);
  EXPECT_EQ(Allowed(rates, "ann", kStart + kTick, 20), 1);
  EXPECT_EQ(Allowed(rates, "ann", kStart + absl::Seconds(60), 20), 10);
}

TEST(CallRatesTest, SaysHowLongToWait) {
  CallRates rates(10, absl::ZeroDuration());
  EXPECT_EQ(rates.CountIfAllowed("ann", kStart), absl::ZeroDuration());
  EXPECT_EQ(rates.CountIfAllowed("ann", kStart + absl::Milliseconds(30)), absl::Milliseconds(70));
  EXPECT_EQ(rates.WaitOf("ann", kStart + absl::Milliseconds(30)), absl::Milliseconds(70));
  EXPECT_EQ(rates.CountIfAllowed("ann", kStart + kTick), absl::ZeroDuration());
}

TEST(CallRatesTest, CallersDoNotCountForEachOther) {
  CallRates rates(1, absl::Seconds(1));
  EXPECT_EQ(Allowed(rates, "ann", kStart, 5), 1);
  EXPECT_EQ(Allowed(rates, "ben", kStart, 5), 1);
}

TEST(CallRatesTest, WhereThereIsNoRoomFurtherCallersShareOneAllowance) {
  CallRates rates(1, absl::Seconds(1), /*max_callers=*/2);
  EXPECT_EQ(Allowed(rates, "ann", kStart, 1), 1);
  EXPECT_EQ(Allowed(rates, "ben", kStart, 1), 1);
  EXPECT_EQ(Allowed(rates, "cid", kStart, 1), 1);
  EXPECT_EQ(Allowed(rates, "dan", kStart, 1), 0);
  EXPECT_EQ(rates.size(), 2);
  // Quiet ones make room.
  EXPECT_EQ(Allowed(rates, "dan", kStart + absl::Seconds(2), 1), 1);
  EXPECT_EQ(Allowed(rates, "eve", kStart + absl::Seconds(2), 1), 1);
  EXPECT_EQ(rates.size(), 2);
}

TEST(CallRatesTest, ManyCallersTakeBoundedRoom) {
  CallRates rates(1, absl::Seconds(1), /*max_callers=*/100);
  for (int i = 0; i < 10'000; ++i) rates.Count(absl::StrCat("caller ", i), kStart + absl::Milliseconds(i));
  EXPECT_LE(rates.size(), 100);
}

TEST(CallerLimitsTest, OpenCallsCountUntilTheyAreOver) {
  CallerLimits limits({.open_calls = 2});
  std::optional<CallerLimits::OpenCall> first = limits.Admit("ann").value();
  const CallerLimits::OpenCall second = limits.Admit("ann").value();
  const absl::Status refused = limits.Admit("ann").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--max-caller-open-calls"));
  EXPECT_TRUE(limits.Admit("ben").ok());
  first.reset();
  EXPECT_TRUE(limits.Admit("ann").ok());
}

TEST(CallerLimitsTest, WithoutLimitsEverythingIsLetIn) {
  CallerLimits limits({});
  std::vector<CallerLimits::OpenCall> open;
  for (int i = 0; i < 1000; ++i) open.push_back(limits.Admit("ann").value());
}

TEST(CallerLimitsTest, RateIsNamedWhereItForbids) {
  CallerLimits limits({.calls_per_second = 1});
  EXPECT_TRUE(limits.Admit("ann").ok());
  const absl::Status refused = limits.Admit("ann").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("--max-caller-calls-per-second"));
}

TEST(PeerAddressTest, IsTheIpv4AddressOrTheIpv6Network) {
  EXPECT_EQ(PeerAddress("ipv4:192.0.2.1:4711"), "192.0.2.1");
  EXPECT_EQ(PeerAddress("ipv6:%5B2001:db8::1:2%5D:4711"), "2001:db8::/64");
  EXPECT_EQ(PeerAddress("ipv6:[2001:db8::1:2]:4711"), "2001:db8::/64");
  EXPECT_EQ(PeerAddress("ipv6:%5B::ffff:192.0.2.1%5D:4711"), "192.0.2.1");
  EXPECT_EQ(PeerAddress("ipv6:%5Bfe80::1%25eth0%5D:4711"), "fe80::/64");
}

TEST(PeerAddressTest, WhatIsNoAddressStandsForItself) {
  for (const char* peer : {"", "inproc", "unix:/run/x", "ipv6:nonsense:1"}) EXPECT_EQ(PeerAddress(peer), peer);
}

TEST(PeerAddressTest, SocketAddressesGiveTheSameText) {
  sockaddr_storage address = {};
  auto& v4 = reinterpret_cast<sockaddr_in&>(address);
  v4.sin_family = AF_INET;
  inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr);
  EXPECT_EQ(PeerAddress(address), "192.0.2.1");
  address = {};
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
  v6.sin6_family = AF_INET6;
  inet_pton(AF_INET6, "2001:db8:0:1::5", &v6.sin6_addr);
  EXPECT_EQ(PeerAddress(address), "2001:db8:0:1::/64");
  inet_pton(AF_INET6, "::ffff:192.0.2.1", &v6.sin6_addr);
  EXPECT_EQ(PeerAddress(address), "192.0.2.1");
}

}  // namespace
}  // namespace roster::rpc
