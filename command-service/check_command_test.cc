#include "command-service/check_command.h"

#include <functional>

#include "gtest/gtest.h"

namespace roster::command {
namespace {

std::vector<std::string> FieldsOf(const Command& command) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : CheckForm(command)) fields.push_back(violation.field);
  return fields;
}

v1::SignUpUserRequest SignUp(const std::string& email) {
  v1::SignUpUserRequest request;
  request.set_email(email);
  return request;
}

v1::UpdateUserRequest Update(const std::vector<std::string>& paths) {
  v1::UpdateUserRequest request;
  request.mutable_user()->set_user_id("u1");
  for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
  return request;
}

using Fields = std::vector<std::string>;

TEST(CheckFormTest, AddressesAreOneAtSignWithSomethingOnBothSides) {
  for (const char* good : {"a@b", "Ada.Lovelace+x@example.com", "\xc3\xa4@example.com"}) {
    const auto request = SignUp(good);
    EXPECT_EQ(FieldsOf(&request), Fields{}) << good;
  }
  for (const char* bad : {"", "ada", "@b", "a@", "a@b@c", "a b@c", "a\t@c", "a\x7f@c", "a\xc2\x85@c", "a\xc2\xa0@c"}) {
    const auto request = SignUp(bad);
    EXPECT_EQ(FieldsOf(&request), Fields{"email"}) << bad;
  }
}

TEST(CheckFormTest, LimitsAreInclusive) {
  auto request = SignUp(std::string(kMaxEmailBytes - 2, 'a') + "@b");
  request.set_display_name(std::string(kMaxDisplayNameBytes, 'n'));
  request.set_user_id(std::string(kMaxIdBytes, 'i'));
  request.set_request_id(std::string(kMaxIdBytes, 'r'));
  for (size_t i = 0; i < kMaxLabels; ++i) {
    const std::string number = std::to_string(i);
    (*request.mutable_labels())[number + std::string(kMaxLabelKeyBytes - number.size(), 'k')] =
        std::string(kMaxLabelValueBytes, 'v');
  }
  EXPECT_EQ(FieldsOf(&request), Fields{});
}

TEST(CheckFormTest, AllBadFieldsAreNamedNotOnlyTheFirst) {
  auto request = SignUp(std::string(kMaxEmailBytes - 1, 'a') + "@b");
  request.set_display_name(std::string(kMaxDisplayNameBytes + 1, 'n'));
  request.set_user_id("no blanks");
  request.set_request_id(std::string(kMaxIdBytes + 1, 'r'));
  (*request.mutable_labels())["Upper"] = "x";
  EXPECT_EQ(FieldsOf(&request), (Fields{"email", "display_name", "labels", "user_id", "request_id"}));
  (*request.mutable_labels()).clear();
  for (size_t i = 0; i <= kMaxLabels; ++i) (*request.mutable_labels())["k" + std::to_string(i)] = "";
  EXPECT_EQ(FieldsOf(&request), (Fields{"email", "display_name", "labels", "user_id", "request_id"}));
}

TEST(CheckFormTest, MaskNamesWhatCanBeUpdated) {
  auto request = Update({"display_name", "labels.team"});
  EXPECT_EQ(FieldsOf(&request), Fields{});
  for (const char* bad : {"version", "", "labels.", "labels.UPPER", "user_id"}) {
    request = Update({bad});
    EXPECT_EQ(FieldsOf(&request), Fields{"update_mask"}) << bad;
  }
  request = Update({});
  EXPECT_EQ(FieldsOf(&request), Fields{"update_mask"});
  request = Update({"*", "email"});
  EXPECT_EQ(FieldsOf(&request), (Fields{"update_mask", "user.email"}));
  request = Update(Fields(200, "email"));
  EXPECT_EQ(FieldsOf(&request), Fields{"update_mask"});
}

TEST(CheckFormTest, OnlyNamedFieldsOfAnUpdateAreChecked) {
  auto request = Update({"display_name"});
  request.mutable_user()->set_email("no address");
  EXPECT_EQ(FieldsOf(&request), Fields{});
  request = Update({"*"});
  EXPECT_EQ(FieldsOf(&request), (Fields{"user.email", "user.status"}));
}

TEST(CheckFormTest, StatusIsActiveOrInactive) {
  auto request = Update({"status"});
  request.mutable_user()->set_status(v1::USER_STATUS_DELETED);
  EXPECT_EQ(FieldsOf(&request), Fields{"user.status"});
  request.mutable_user()->set_status(v1::USER_STATUS_INACTIVE);
  EXPECT_EQ(FieldsOf(&request), Fields{});
}

TEST(CheckFormTest, DeleteNeedsAUserId) {
  v1::DeleteUserRequest request;
  request.set_etag(std::string(kMaxEtagBytes + 1, 'e'));
  EXPECT_EQ(FieldsOf(&request), (Fields{"user_id", "etag"}));
}

}  // namespace
}  // namespace roster::command
