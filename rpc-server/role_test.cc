#include "rpc-server/role.h"

#include "gtest/gtest.h"
#include "rpc-server/role_map.h"

namespace roster::rpc {
namespace {

TEST(RoleTest, MethodThatNobodyNamedNeedsAdmin) {
  EXPECT_EQ(RequiredRole("roster.v1.UserQueryService/GetUser"), Role::kReader);
  EXPECT_EQ(RequiredRole("roster.v1.UserCommandService/SignUpUser"), Role::kWriter);
  EXPECT_EQ(RequiredRole("roster.v1.UserQueryService/NoSuchMethod"), Role::kAdmin);
  EXPECT_EQ(RequiredRole(""), Role::kAdmin);
}

TEST(RoleMapTest, NamesHaveTheRolesOfTheirLines) {
  const RoleMap map = RoleMap::Parse(
                          "# who may call\n\n"
                          "reader certificate dashboard.example.com\r\n"
                          "  writer\ttoken   ann lee  \n"
                          "admin token root")
                          .value();
  EXPECT_EQ(map.OfCertificate("dashboard.example.com"), Role::kReader);
  EXPECT_EQ(map.OfToken("dashboard.example.com"), std::nullopt);
  EXPECT_EQ(map.OfToken("ann lee"), Role::kWriter);
  EXPECT_EQ(map.OfToken("ann"), std::nullopt);
  EXPECT_EQ(map.OfToken("root"), Role::kAdmin);
  EXPECT_EQ(map.OfToken(""), std::nullopt);
}

TEST(RoleMapTest, StarIsEverybodyAndTheHigherRoleCounts) {
  const RoleMap map = RoleMap::Parse("writer token *\nreader token ann\nadmin token bea\n").value();
  EXPECT_EQ(map.OfToken("ann"), Role::kWriter);
  EXPECT_EQ(map.OfToken("bea"), Role::kAdmin);
  EXPECT_EQ(map.OfToken("cid"), Role::kWriter);
  EXPECT_EQ(map.OfCertificate("cid"), std::nullopt);
}

TEST(RoleMapTest, WrongLineIsNamedByItsNumberOnly) {
  for (const char* line : {"king token ann", "reader ann", "reader token", "reader tokens ann", "Reader token ann",
                           "reader", "reader token dup\nwriter token dup"}) {
    const absl::Status status = RoleMap::Parse(std::string("\n") + line).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << line;
    EXPECT_NE(status.message().find("line "), absl::string_view::npos);
    EXPECT_EQ(status.message().find("ann"), absl::string_view::npos);
  }
}

}  // namespace
}  // namespace roster::rpc
