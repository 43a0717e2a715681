#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "rpc-server/jose_text.h"
#include "rpc-server/token_key.h"

namespace roster::rpc {
namespace {

using google::protobuf::Struct;
using PublicKey = std::shared_ptr<EVP_PKEY>;

constexpr size_t kP256CoordinateBytes = 32;
constexpr size_t kEd25519Bytes = 32;
// Longest RSA number that is looked at; 16384 bits.
constexpr size_t kMaxRsaBytes = 2048;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BigNumber = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

const unsigned char* Bytes(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// A member in base64url; empty where it is not there or not that.
std::string BytesMember(const Struct& key, const std::string& name) {
  return DecodeBase64Url(StringMember(key, name)).value_or("");
}

PublicKey FromParams(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return PublicKey(key, &EVP_PKEY_free);
}

PublicKey RsaKey(const Struct& key) {
  const std::string n = BytesMember(key, "n");
  const std::string e = BytesMember(key, "e");
  if (n.empty() || n.size() > kMaxRsaBytes || e.empty() || e.size() > kMaxRsaBytes) return nullptr;
  const BigNumber modulus(BN_bin2bn(Bytes(n), static_cast<int>(n.size()), nullptr));
  const BigNumber exponent(BN_bin2bn(Bytes(e), static_cast<int>(e.size()), nullptr));
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  return FromParams("RSA", builder.get());
}

PublicKey P256Key(const Struct& key) {
  const std::string x = BytesMember(key, "x");
  const std::string y = BytesMember(key, "y");
  if (x.size() != kP256CoordinateBytes || y.size() != kP256CoordinateBytes) return nullptr;
  // An uncompressed point.
  const std::string point = "\x04" + x + y;
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  if (OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1, 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return nullptr;
  }
  return FromParams("EC", builder.get());
}

PublicKey Ed25519Key(const Struct& key) {
  const std::string x = BytesMember(key, "x");
  if (x.size() != kEd25519Bytes) return nullptr;
  EVP_PKEY* const made = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(x), x.size());
  return made == nullptr ? nullptr : PublicKey(made, &EVP_PKEY_free);
}

// How a kind of key is named and made.
struct Kind {
  const char* type;
  // Empty: has none.
  const char* curve;
  const char* algorithm;
  PublicKey (*make)(const Struct& key);
};
constexpr Kind kKinds[] = {
    {"RSA", "", "RS256", RsaKey}, {"EC", "P-256", "ES256", P256Key}, {"OKP", "Ed25519", "EdDSA", Ed25519Key}};

// Null where the key is of another kind or for another use.
const Kind* KindOf(const Struct& key) {
  const std::string use = StringMember(key, "use");
  const std::string algorithm = StringMember(key, "alg");
  for (const Kind& kind : kKinds) {
    const bool same = StringMember(key, "kty") == kind.type && StringMember(key, "crv") == kind.curve;
    if (same && (use.empty() || use == "sig") && (algorithm.empty() || algorithm == kind.algorithm)) return &kind;
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<std::vector<TokenKey>> ParseJwks(absl::string_view content) {
  const std::optional<Struct> file = ParseJsonObject(content);
  const google::protobuf::Value* const listed = file ? FindMember(*file, "keys") : nullptr;
  if (listed == nullptr || !listed->has_list_value()) {
    return absl::InvalidArgumentError("the content is not a JSON object with a list of \"keys\"");
  }
  std::vector<TokenKey> keys;
  for (const google::protobuf::Value& entry : listed->list_value().values()) {
    const Struct& key = entry.struct_value();
    if (FindMember(key, "d") != nullptr || FindMember(key, "k") != nullptr) {
      return absl::InvalidArgumentError(
          "a private or secret key is in it: leave the public parts only, and use another key from now on");
    }
    const Kind* const kind = KindOf(key);
    if (kind == nullptr) continue;
    PublicKey made = kind->make(key);
    if (made == nullptr) return absl::InvalidArgumentError(absl::string_view("a key's numbers are not a key's"));
    ROSTER_ASSIGN_OR_RETURN(TokenKey usable, TokenKey::OfPublicKey(StringMember(key, "kid"), std::move(made)));
    keys.push_back(std::move(usable));
  }
  if (keys.empty()) {
    return absl::InvalidArgumentError("no key in it can be used: RSA for RS256, P-256 for ES256, Ed25519 for EdDSA");
  }
  return keys;
}

}  // namespace roster::rpc
