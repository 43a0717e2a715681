#include "command-service/fingerprint.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace roster::command {
namespace {

v1::UpdateUserRequest Update() {
  v1::UpdateUserRequest request;
  request.mutable_user()->set_user_id("u1");
  request.mutable_user()->set_display_name("Ada");
  (*request.mutable_user()->mutable_labels())["a"] = "1";
  (*request.mutable_user()->mutable_labels())["b"] = "2";
  request.mutable_update_mask()->add_paths("display_name");
  request.mutable_update_mask()->add_paths("labels");
  return request;
}

TEST(FingerprintTest, StaysAsItIsForEver) {
  // It is stored in events: a change here would refuse repeats of what earlier versions recorded.
  v1::SignUpUserRequest request;
  request.set_email("ada@example.com");
  request.set_display_name("Ada");
  (*request.mutable_labels())["team"] = "x";
  EXPECT_EQ(absl::BytesToHexString(Fingerprint(&request)),
            "034376c269e86e0aefa92d7a9e421b4465930d29dca5e009f9bfb048d06fc9a1");
}

TEST(FingerprintTest, OrderOfMaskAndLabelsDoesNotCount) {
  const auto one = Update();
  auto other = Update();
  other.mutable_update_mask()->clear_paths();
  for (const char* path : {"labels", "display_name", "labels"}) other.mutable_update_mask()->add_paths(path);
  other.mutable_user()->mutable_labels()->clear();
  (*other.mutable_user()->mutable_labels())["b"] = "2";
  (*other.mutable_user()->mutable_labels())["a"] = "1";
  EXPECT_EQ(Fingerprint(&one), Fingerprint(&other));
}

TEST(FingerprintTest, RequestIdAndValidateOnlyDoNotCount) {
  const auto one = Update();
  auto other = Update();
  other.set_request_id("r");
  other.set_validate_only(true);
  EXPECT_EQ(Fingerprint(&one), Fingerprint(&other));
}

TEST(FingerprintTest, EveryFieldAndTheMethodCount) {
  const std::string before = [] {
    const auto r = Update();
    return Fingerprint(&r);
  }();
  const auto differs = [&](auto change) {
    auto request = Update();
    change(request);
    return Fingerprint(&request) != before;
  };
  EXPECT_TRUE(differs([](auto& r) { r.mutable_user()->set_user_id("u2"); }));
  EXPECT_TRUE(differs([](auto& r) { r.mutable_user()->set_etag("e"); }));
  EXPECT_TRUE(differs([](auto& r) { r.mutable_user()->set_email("e"); }));
  EXPECT_TRUE(differs([](auto& r) { r.mutable_user()->set_display_name("e"); }));
  EXPECT_TRUE(differs([](auto& r) { r.mutable_user()->set_status(v1::USER_STATUS_INACTIVE); }));
  EXPECT_TRUE(differs([](auto& r) { (*r.mutable_user()->mutable_labels())["a"] = "12"; }));
  EXPECT_TRUE(differs([](auto& r) { r.mutable_update_mask()->add_paths("email"); }));
  v1::DeleteUserRequest one;
  one.set_user_id("u");
  v1::DeleteUserRequest other;
  other.set_etag("u");
  EXPECT_NE(Fingerprint(&one), Fingerprint(&other));
}

}  // namespace
}  // namespace roster::command
