#include "base/host_port.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster {
namespace {

TEST(HostPortTest, HostIsAllBeforeTheLastColon) {
  const auto name = ParseHostPort("roster.example.com:50051");
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->host, "roster.example.com");
  EXPECT_EQ(name->port, 50051);
  EXPECT_EQ(ParseHostPort("[::1]:0").value().host, "[::1]");
  EXPECT_EQ(ParseHostPort("127.0.0.1:65535").value().port, 65535);
  EXPECT_TRUE(ParseHostPort(absl::StrCat(std::string(253, 'h'), ":1")).has_value());
}

TEST(HostPortTest, AnythingElseIsNone) {
  for (const std::string address :
       {"",     ":",        "h",     "h:",    ":1",      "h:65536",   "h:99999999999999999999",
        "h:-1", "h:+1",     "h:x",   "h:1x",  "h: 1",    "h:1 ",      " h:1",
        "h :1", "a host:1", "h\t:1", "h\n:1", "h\x7f:1", "\xc3\xbc:1"}) {
    EXPECT_FALSE(ParseHostPort(address).has_value()) << address;
  }
  EXPECT_FALSE(ParseHostPort(absl::StrCat(std::string(254, 'h'), ":1")).has_value());
}

TEST(HostPortTest, ServerToCallHasAPort) {
  EXPECT_TRUE(IsServerAddress("h:1"));
  EXPECT_FALSE(IsServerAddress("h:0"));
  EXPECT_FALSE(IsServerAddress("a host:1"));
}

TEST(HostPortTest, BadSettingIsRefusedByItsName) {
  CLI::App app;
  std::string address;
  app.add_option("--advertise", address)->check(ServerAddress());
  app.parse("--advertise=h:1");
  EXPECT_EQ(address, "h:1");
  try {
    app.parse(std::vector<std::string>{"--advertise=a host:1"});
    FAIL() << "was taken";
  } catch (const CLI::ValidationError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("--advertise: 'a host:1' is not HOST:PORT"));
  }
}

}  // namespace
}  // namespace roster
