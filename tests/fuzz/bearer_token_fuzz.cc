// Bearer tokens: none is good without a signature by the server's key, and one that is says when it ends.
#include "rpc-server/bearer_token.h"

#include <utility>

#include "rpc-server/credentials_for_test.h"
#include "tests/fuzz/fuzz.h"

namespace roster {
namespace {

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

rpc::TokenRules Rules(fuzz::InputReader& reader) {
  rpc::TokenRules rules;
  rules.keys.push_back(rpc::TokenKey::OfSecret(kSecret).value());
  if (reader.Bool()) rules.audience = "roster";
  if (reader.Bool()) rules.issuer = "i";
  return rules;
}

}  // namespace

// The first byte says whether the rest is a token as a caller sends it, or the header and the claims of one that is
// signed: no fuzzer guesses a signature.
ROSTER_FUZZER(bearer_token) {
  fuzz::InputReader reader(input);
  const bool is_signed = reader.Bool();
  const rpc::TokenRules rules = Rules(reader);
  if (!is_signed) {
    FUZZ_CHECK(!rpc::VerifyBearerToken(reader.Rest(), rules).ok());
    return;
  }
  const std::string header = reader.Bool() ? R"({"alg":"HS256"})" : reader.Text();
  std::string token = rpc::TestSigner::Secret(kSecret).SignWithHeader(header, std::string(reader.Rest()));
  const absl::StatusOr<rpc::TokenClaims> claims = rpc::VerifyBearerToken(token, rules);
  if (!claims.ok()) return;
  FUZZ_CHECK(header.find("HS256") != std::string::npos || header.find('\\') != std::string::npos);
  FUZZ_CHECK(claims->times.expires >= absl::UnixEpoch());
  FUZZ_CHECK(claims->times.expires < absl::InfiniteFuture());
  FUZZ_CHECK(!rpc::CheckTokenTimes(claims->times, claims->times.expires + rpc::kTokenLeeway).ok());
  token[0] = token[0] == 'e' ? 'f' : 'e';
  FUZZ_CHECK(!rpc::VerifyBearerToken(token, rules).ok());
}

}  // namespace roster
