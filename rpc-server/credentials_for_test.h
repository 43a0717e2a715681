#ifndef ROSTER_RPC_SERVER_CREDENTIALS_FOR_TEST_H_
#define ROSTER_RPC_SERVER_CREDENTIALS_FOR_TEST_H_

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace roster::rpc {

// Certificates and tokens for tests, made as they run.

struct TestCertificate {
  // Both in PEM.
  std::string certificate;
  std::string key;
};

// An authority that signs certificates.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);

  // Of its own certificate.
  const std::string& pem() const { return pem_; }

  // `alt_names` as OpenSSL writes them: "DNS:localhost,IP:127.0.0.1"; empty: none.
  TestCertificate Issue(const std::string& common_name, const std::string& alt_names) const;
  // For a server on the loopback.
  TestCertificate IssueForServer() const { return Issue("a server", "DNS:localhost,IP:127.0.0.1"); }

 private:
  std::string name_;
  std::shared_ptr<EVP_PKEY> key_;
  std::string pem_;
};

// Signs tokens.
class TestSigner {
 public:
  static TestSigner Rsa(const std::string& id, int bits = 2048);
  static TestSigner P256(const std::string& id);
  static TestSigner Ed25519(const std::string& id);
  static TestSigner Secret(const std::string& secret);

  // Its public key as a member of a JWKS file.
  std::string Jwk() const;
  // Its public key in PEM.
  std::string PublicPem() const;

  // A token of these claims, a JSON object, with the header that belongs to the key.
  std::string Sign(const std::string& claims) const;
  // The same with another header.
  std::string SignWithHeader(const std::string& header, const std::string& claims) const;

 private:
  std::string algorithm_;
  std::string id_;
  std::string secret_;
  std::shared_ptr<EVP_PKEY> key_;
};

// The content of a JWKS file.
std::string Jwks(const std::vector<TestSigner>& signers);

// {"sub":"...","aud":"roster","exp":...,"roster_role":"..."}; without a role where that is empty.
std::string TestClaims(const std::string& subject, const std::string& role, absl::Time expires);

// Replaces a file in one step, as those do who rotate keys.
void ReplaceFile(const std::string& path, const std::string& content);

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_CREDENTIALS_FOR_TEST_H_
