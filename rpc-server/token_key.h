#ifndef ROSTER_RPC_SERVER_TOKEN_KEY_H_
#define ROSTER_RPC_SERVER_TOKEN_KEY_H_

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace roster::rpc {

// A key that bearer tokens are signed with. It has one algorithm, which follows from what the key is: an RSA key RS256,
// a P-256 key ES256, an Ed25519 key EdDSA, a secret HS256. There is no way to use it for another, whatever a token
// says.
//
// Thread safety: const, so safe from any thread.
class TokenKey {
 public:
  // A shared secret of at least 32 bytes.
  static absl::StatusOr<TokenKey> OfSecret(std::string secret);
  // A public key: of RSA with 2048 bits at least, on P-256, or Ed25519.
  static absl::StatusOr<TokenKey> OfPublicKey(std::string id, std::shared_ptr<EVP_PKEY> key);

  // "RS256", "ES256", "EdDSA" or "HS256".
  absl::string_view algorithm() const { return algorithm_; }
  // `kid` in its JWKS file; empty where it has none.
  const std::string& id() const { return id_; }

  // Whether `signature`, as a token has it, is this key's over `bytes`.
  bool Verifies(absl::string_view bytes, absl::string_view signature) const;

 private:
  TokenKey(absl::string_view algorithm, std::string id) : algorithm_(algorithm), id_(std::move(id)) {}

  absl::string_view algorithm_;
  std::string id_;
  // One of the two.
  std::string secret_;
  std::shared_ptr<EVP_PKEY> public_key_;
};

// The keys of a JWKS file (RFC 7517) that can sign tokens; those of other kinds, and for other uses, are left out.
// INVALID_ARGUMENT where it is no such file, holds no usable key, or a private or symmetric one, which has no place
// there.
absl::StatusOr<std::vector<TokenKey>> ParseJwks(absl::string_view content);

// The key that a secret file holds: all its bytes, but for a line's end at the end.
absl::StatusOr<TokenKey> ParseSecret(absl::string_view content);

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_TOKEN_KEY_H_
