#include "rpc-server/token_key.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "rpc-server/credentials_for_test.h"
#include "rpc-server/verified_tokens.h"

namespace roster::rpc {
namespace {

TEST(JwksTest, KeysHaveTheAlgorithmOfTheirKind) {
  const auto keys = ParseJwks(Jwks({TestSigner::Rsa("r"), TestSigner::P256("e"), TestSigner::Ed25519("d")})).value();
  ASSERT_EQ(keys.size(), 3);
  EXPECT_EQ(keys[0].algorithm(), "RS256");
  EXPECT_EQ(keys[1].algorithm(), "ES256");
  EXPECT_EQ(keys[2].algorithm(), "EdDSA");
  EXPECT_EQ(keys[1].id(), "e");
}

TEST(JwksTest, KeysOfOtherKindsAreLeftOut) {
  const std::string usable = TestSigner::Ed25519("d").Jwk();
  const auto keys = ParseJwks(absl::StrCat(R"({"keys":[{"kty":"EC","crv":"P-384","x":"AA","y":"AA"},)",
                                           R"({"kty":"RSA","alg":"RS512","n":"AA","e":"AQAB"},)",
                                           R"({"kty":"RSA","use":"enc","n":"AA","e":"AQAB"},{}, 7, )", usable, "]}"));
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_EQ(keys->size(), 1);
  EXPECT_EQ((*keys)[0].id(), "d");
}

TEST(JwksTest, FileWithoutUsableKeysIsAnError) {
  for (const char* content : {"", "{", "[]", "{}", R"({"keys":{}})", R"({"keys":[]})", R"({"keys":[{"kty":"oct"}]})",
                              R"({"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]})",
                              R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":"!"}]})"}) {
    EXPECT_EQ(ParseJwks(content).status().code(), absl::StatusCode::kInvalidArgument) << content;
  }
  // A point that is not on the curve.
  const std::string zeros(43, 'A');
  EXPECT_FALSE(
      ParseJwks(absl::StrCat(R"({"keys":[{"kty":"EC","crv":"P-256","x":")", zeros, R"(","y":")", zeros, R"("}]})"))
          .ok());
}

TEST(JwksTest, ShortRsaKeysAndPrivateOnesAreRefused) {
  EXPECT_FALSE(ParseJwks(Jwks({TestSigner::Rsa("r", 1024)})).ok());
  std::string jwk = TestSigner::Ed25519("d").Jwk();
  jwk.insert(jwk.size() - 1, R"(,"d":"AAAA")");
  const absl::Status status = ParseJwks(absl::StrCat("{\"keys\":[", jwk, "]}")).status();
  EXPECT_NE(status.message().find("private"), absl::string_view::npos);
  EXPECT_FALSE(ParseJwks(R"({"keys":[{"kty":"oct","k":"AAAA"}]})").ok());
}

TEST(SecretTest, SecretIsLongEnoughAndLosesItsLinesEnd) {
  const std::string secret(32, 's');
  EXPECT_FALSE(ParseSecret(secret.substr(1) + "\n").ok());
  const std::string token = TestSigner::Secret(secret).Sign("{}");
  for (const char* end : {"", "\n", "\r\n"}) {
    const auto rules = TokenRules{.keys = {ParseSecret(secret + end).value()}};
    EXPECT_NE(VerifyBearerToken(token, rules).status().message().find("exp"), absl::string_view::npos);
  }
}

TEST(VerifiedTokensTest, KeepsWhatIsUsedAndNoMoreThanItMay) {
  VerifiedTokens tokens(8);
  tokens.Add("used", {.role = Role::kWriter});
  for (int i = 0; i < 100; ++i) {
    tokens.Add(absl::StrCat("token ", i), {.role = Role::kReader});
    ASSERT_TRUE(tokens.Find("used").has_value());
    EXPECT_LE(tokens.size(), 8);
  }
  EXPECT_EQ(tokens.Find("used")->role, Role::kWriter);
  EXPECT_FALSE(tokens.Find("token 1").has_value());
  EXPECT_EQ(tokens.Find("token 99")->role, Role::kReader);
}

}  // namespace
}  // namespace roster::rpc
