#include "rpc-server/credentials_for_test.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace roster::rpc {
namespace {

constexpr int64_t kDayS = 86'400;

void Must(bool done) {
  if (!done) std::abort();
}

std::shared_ptr<EVP_PKEY> OwnKey(EVP_PKEY* key) {
  Must(key != nullptr);
  return {key, &EVP_PKEY_free};
}

// What `write` writes, in PEM.
template <typename Write>
std::string Pem(Write write) {
  BIO* const memory = BIO_new(BIO_s_mem());
  Must(write(memory) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(memory);
  return pem;
}

std::string Base64Url(const std::string& bytes) { return absl::WebSafeBase64Escape(bytes); }

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* Bytes(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

X509_NAME* MakeName(const std::string& common_name) {
  X509_NAME* const name = X509_NAME_new();
  Must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, Bytes(common_name), -1, -1, 0) == 1);
  return name;
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  Must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

std::string MakeCertificate(const std::string& subject, EVP_PKEY* key, const std::string& issuer, EVP_PKEY* issuer_key,
                            bool is_authority, const std::string& alt_names) {
  X509* const certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  unsigned char serial[8];
  Must(RAND_bytes(serial, sizeof(serial)) == 1);
  BIGNUM* const number = BN_bin2bn(serial, sizeof(serial), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDayS);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kDayS);
  X509_NAME* const subject_name = MakeName(subject);
  X509_NAME* const issuer_name = MakeName(issuer);
  X509_set_subject_name(certificate, subject_name);
  X509_set_issuer_name(certificate, issuer_name);
  X509_NAME_free(subject_name);
  X509_NAME_free(issuer_name);
  X509_set_pubkey(certificate, key);
  AddExtension(certificate, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!alt_names.empty()) AddExtension(certificate, NID_subject_alt_name, alt_names);
  Must(X509_sign(certificate, issuer_key, EVP_sha256()) > 0);
  std::string pem = Pem([&](BIO* out) { return PEM_write_bio_X509(out, certificate); });
  X509_free(certificate);
  return pem;
}

std::string NumberParam(const EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  Must(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string bytes(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, Bytes(bytes));
  BN_free(number);
  return bytes;
}

// The two halves of an ECDSA signature side by side.
std::string RawEs256(const std::string& der) {
  const unsigned char* data = Bytes(der);
  ECDSA_SIG* const numbers = d2i_ECDSA_SIG(nullptr, &data, static_cast<long>(der.size()));
  std::string raw(64, '\0');
  Must(BN_bn2binpad(ECDSA_SIG_get0_r(numbers), Bytes(raw), 32) == 32);
  Must(BN_bn2binpad(ECDSA_SIG_get0_s(numbers), Bytes(raw) + 32, 32) == 32);
  ECDSA_SIG_free(numbers);
  return raw;
}

std::string Signature(const std::string& algorithm, EVP_PKEY* key, const std::string& bytes) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  size_t size = 0;
  Must(EVP_DigestSignInit(context, nullptr, algorithm == "EdDSA" ? nullptr : EVP_sha256(), nullptr, key) == 1);
  Must(EVP_DigestSign(context, nullptr, &size, Bytes(bytes), bytes.size()) == 1);
  std::string signature(size, '\0');
  Must(EVP_DigestSign(context, Bytes(signature), &size, Bytes(bytes), bytes.size()) == 1);
  signature.resize(size);
  EVP_MD_CTX_free(context);
  return algorithm == "ES256" ? RawEs256(signature) : signature;
}

std::string Hmac(const std::string& secret, const std::string& bytes) {
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), Bytes(bytes), bytes.size(), Bytes(result), &size);
  result.resize(size);
  return result;
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name) : name_(name), key_(OwnKey(EVP_EC_gen("P-256"))) {
  pem_ = MakeCertificate(name_, key_.get(), name_, key_.get(), /*is_authority=*/true, "");
}

TestCertificate TestAuthority::Issue(const std::string& common_name, const std::string& alt_names) const {
  const std::shared_ptr<EVP_PKEY> key = OwnKey(EVP_EC_gen("P-256"));
  return {MakeCertificate(common_name, key.get(), name_, key_.get(), /*is_authority=*/false, alt_names),
          Pem([&](BIO* out) {
            return PEM_write_bio_PKCS8PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

TestSigner TestSigner::Rsa(const std::string& id, int bits) {
  TestSigner signer;
  signer.algorithm_ = "RS256";
  signer.id_ = id;
  signer.key_ = OwnKey(EVP_RSA_gen(static_cast<unsigned int>(bits)));
  return signer;
}

TestSigner TestSigner::P256(const std::string& id) {
  TestSigner signer;
  signer.algorithm_ = "ES256";
  signer.id_ = id;
  signer.key_ = OwnKey(EVP_EC_gen("P-256"));
  return signer;
}

TestSigner TestSigner::Ed25519(const std::string& id) {
  TestSigner signer;
  signer.algorithm_ = "EdDSA";
  signer.id_ = id;
  signer.key_ = OwnKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  return signer;
}

TestSigner TestSigner::Secret(const std::string& secret) {
  TestSigner signer;
  signer.algorithm_ = "HS256";
  signer.secret_ = secret;
  return signer;
}

std::string TestSigner::Jwk() const {
  const std::string head = absl::StrCat("{\"kid\":\"", id_, "\",\"alg\":\"", algorithm_, "\",\"use\":\"sig\",");
  if (algorithm_ == "RS256") {
    return absl::StrCat(head, "\"kty\":\"RSA\",\"n\":\"", Base64Url(NumberParam(key_.get(), OSSL_PKEY_PARAM_RSA_N)),
                        "\",\"e\":\"", Base64Url(NumberParam(key_.get(), OSSL_PKEY_PARAM_RSA_E)), "\"}");
  }
  std::string bytes(128, '\0');
  size_t size = bytes.size();
  if (algorithm_ == "EdDSA") {
    Must(EVP_PKEY_get_raw_public_key(key_.get(), Bytes(bytes), &size) == 1);
    return absl::StrCat(head, R"("kty":"OKP","crv":"Ed25519","x":")", Base64Url(bytes.substr(0, size)), "\"}");
  }
  Must(EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, Bytes(bytes), bytes.size(), &size) == 1);
  Must(size == 65 && bytes[0] == 4);
  return absl::StrCat(head, R"("kty":"EC","crv":"P-256","x":")", Base64Url(bytes.substr(1, 32)), "\",\"y\":\"",
                      Base64Url(bytes.substr(33, 32)), "\"}");
}

std::string TestSigner::PublicPem() const {
  return Pem([&](BIO* out) { return PEM_write_bio_PUBKEY(out, key_.get()); });
}

std::string TestSigner::Sign(const std::string& claims) const {
  const std::string id = id_.empty() ? "" : absl::StrCat(",\"kid\":\"", id_, "\"");
  return SignWithHeader(absl::StrCat("{\"typ\":\"JWT\",\"alg\":\"", algorithm_, "\"", id, "}"), claims);
}

std::string TestSigner::SignWithHeader(const std::string& header, const std::string& claims) const {
  const std::string bytes = absl::StrCat(Base64Url(header), ".", Base64Url(claims));
  const std::string signature = key_ == nullptr ? Hmac(secret_, bytes) : Signature(algorithm_, key_.get(), bytes);
  return absl::StrCat(bytes, ".", Base64Url(signature));
}

std::string Jwks(const std::vector<TestSigner>& signers) {
  return absl::StrCat(
      "{\"keys\":[",
      absl::StrJoin(signers, ",", [](std::string* out, const TestSigner& signer) { out->append(signer.Jwk()); }), "]}");
}

std::string TestClaims(const std::string& subject, const std::string& role, absl::Time expires) {
  return absl::StrCat("{\"sub\":\"", subject, "\",\"aud\":\"roster\",\"exp\":", absl::ToUnixSeconds(expires),
                      role.empty() ? "" : absl::StrCat(",\"roster_role\":\"", role, "\""), "}");
}

void ReplaceFile(const std::string& path, const std::string& content) {
  std::ofstream(path + ".new") << content;
  std::filesystem::rename(path + ".new", path);
}

}  // namespace roster::rpc
