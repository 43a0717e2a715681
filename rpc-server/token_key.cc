#include "rpc-server/token_key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace roster::rpc {
namespace {

constexpr size_t kMinSecretBytes = 32;
constexpr int kMinRsaBits = 2048;
constexpr size_t kEs256HalfBytes = 32;

using Unsigned = const unsigned char*;

Unsigned Bytes(absl::string_view text) { return reinterpret_cast<Unsigned>(text.data()); }

// A token has the two numbers of an ECDSA signature side by side, OpenSSL wants them as DER.
std::optional<std::string> Es256ToDer(absl::string_view signature) {
  if (signature.size() != 2 * kEs256HalfBytes) return std::nullopt;
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> numbers(ECDSA_SIG_new(), &ECDSA_SIG_free);
  BIGNUM* const r = BN_bin2bn(Bytes(signature), kEs256HalfBytes, nullptr);
  BIGNUM* const s = BN_bin2bn(Bytes(signature) + kEs256HalfBytes, kEs256HalfBytes, nullptr);
  if (ECDSA_SIG_set0(numbers.get(), r, s) != 1) return std::nullopt;
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(numbers.get(), &der);
  if (size <= 0) return std::nullopt;
  std::string result(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return result;
}

bool HmacMatches(absl::string_view secret, absl::string_view bytes, absl::string_view signature) {
  unsigned char expected[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), Bytes(bytes), bytes.size(), expected, &size) ==
      nullptr) {
    return false;
  }
  return signature.size() == size && CRYPTO_memcmp(expected, signature.data(), size) == 0;
}

bool IsP256(const EVP_PKEY* key) {
  char group[64] = "";
  size_t size = 0;
  return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), &size) == 1 &&
         absl::string_view(group, size) == SN_X9_62_prime256v1;
}

}  // namespace

absl::StatusOr<TokenKey> TokenKey::OfSecret(std::string secret) {
  if (secret.size() < kMinSecretBytes) {
    return absl::InvalidArgumentError(absl::StrCat("the secret is shorter than ", kMinSecretBytes, " bytes"));
  }
  TokenKey key("HS256", "");
  key.secret_ = std::move(secret);
  return key;
}

absl::StatusOr<TokenKey> TokenKey::OfPublicKey(std::string id, std::shared_ptr<EVP_PKEY> public_key) {
  absl::string_view algorithm;
  if (EVP_PKEY_is_a(public_key.get(), "RSA") && EVP_PKEY_get_bits(public_key.get()) >= kMinRsaBits) {
    algorithm = "RS256";
  } else if (EVP_PKEY_is_a(public_key.get(), "EC") && IsP256(public_key.get())) {
    algorithm = "ES256";
  } else if (EVP_PKEY_is_a(public_key.get(), "ED25519")) {
    algorithm = "EdDSA";
  } else {
    return absl::InvalidArgumentError("a key is neither RSA of 2048 bits or more, nor on P-256, nor Ed25519");
  }
  TokenKey key(algorithm, std::move(id));
  key.public_key_ = std::move(public_key);
  return key;
}

bool TokenKey::Verifies(absl::string_view bytes, absl::string_view signature) const {
  if (public_key_ == nullptr) return HmacMatches(secret_, bytes, signature);
  std::string der;
  if (algorithm_ == "ES256") {
    std::optional<std::string> converted = Es256ToDer(signature);
    if (!converted) return false;
    der = *std::move(converted);
    signature = der;
  }
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  // Ed25519 has its hash within.
  const EVP_MD* const hash = algorithm_ == "EdDSA" ? nullptr : EVP_sha256();
  return EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, public_key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(bytes), bytes.size()) == 1;
}

absl::StatusOr<TokenKey> ParseSecret(absl::string_view content) {
  if (absl::ConsumeSuffix(&content, "\n")) absl::ConsumeSuffix(&content, "\r");
  return TokenKey::OfSecret(std::string(content));
}

}  // namespace roster::rpc
