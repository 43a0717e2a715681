#ifndef ROSTER_RPC_SERVER_BEARER_TOKEN_H_
#define ROSTER_RPC_SERVER_BEARER_TOKEN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "rpc-server/role.h"
#include "rpc-server/token_key.h"

namespace roster::rpc {

// Longest token that is looked at.
inline constexpr size_t kMaxBearerTokenBytes = 8192;
// By how much the clocks of whoever makes tokens and of this machine may differ.
inline constexpr absl::Duration kTokenLeeway = absl::Seconds(30);

// When a token may be used, leeway not included.
struct TokenTimes {
  absl::Time not_before = absl::InfinitePast();
  absl::Time expires;
};

// What a verified token says.
struct TokenClaims {
  // Empty where it has none.
  std::string subject;
  // The highest role in its claim `roster_role`, a string or a list of strings; absent where there is none.
  std::optional<Role> role;
  TokenTimes times;
};

// What a token must be.
struct TokenRules {
  std::vector<TokenKey> keys;
  // One of the token's `aud`; empty: not looked at.
  std::string audience;
  // The token's `iss`; empty: not looked at.
  std::string issuer;
};

// Checks a JWT in its compact form (RFC 7519): its signature, by the key that it names, and all that it says but for
// its times. UNAUTHENTICATED/CREDENTIALS_INVALID tells the caller what is wrong, and shows nothing of the token.
absl::StatusOr<TokenClaims> VerifyBearerToken(absl::string_view token, const TokenRules& rules);

// UNAUTHENTICATED/CREDENTIALS_EXPIRED or _INVALID where a token may not be used at `now`.
absl::Status CheckTokenTimes(const TokenTimes& times, absl::Time now);

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_BEARER_TOKEN_H_
