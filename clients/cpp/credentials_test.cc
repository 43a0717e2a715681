#include "clients/cpp/credentials.h"

#include "absl/strings/str_cat.h"
#include "base/eventually.h"
#include "base/temp_dir.h"
#include "clients/cpp/endpoints.h"
#include "clients/cpp/query_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rpc-server/credentials_for_test.h"
#include "rpc-server/guarded_server_for_test.h"

namespace roster::client {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() {
    rpc::ReplaceFile(dir_.File("secret"), kSecret);
    PutToken("reader", absl::Hours(1));
    server_options_.auth_secret_file = dir_.File("secret");
    client_options_.token_file = dir_.File("token");
  }

  void PutToken(const std::string& role, absl::Duration lifetime) {
    const std::string token =
        rpc::TestSigner::Secret(kSecret).Sign(rpc::TestClaims("ann", role, absl::Now() + lifetime));
    rpc::ReplaceFile(dir_.File("token"), token + "\n");
  }

  // TLS on both sides.
  void UseTls() {
    const rpc::TestCertificate certificate = authority_.IssueForServer();
    rpc::ReplaceFile(dir_.File("cert"), certificate.certificate);
    rpc::ReplaceFile(dir_.File("key"), certificate.key);
    rpc::ReplaceFile(dir_.File("ca"), authority_.pem());
    server_options_.tls_cert = dir_.File("cert");
    server_options_.tls_key = dir_.File("key");
    client_options_.tls_ca = dir_.File("ca");
  }

  absl::Status GetUser(const std::string& address) {
    Endpoints endpoints("query service", {address}, Credentials::Create(client_options_).value());
    CallOptions options;
    options.timeout = absl::Seconds(5);
    v1::GetUserRequest request;
    request.set_user_id("ann");
    return QueryClient(endpoints, options).GetUser(request).status();
  }
  absl::Status GetUser() { return GetUser(server_->address()); }
  void Start() { server_ = std::make_unique<rpc::GuardedServer>(server_options_); }

  TempDir dir_;
  const rpc::TestAuthority authority_{"an authority"};
  rpc::SecurityOptions server_options_;
  CredentialOptions client_options_;
  std::unique_ptr<rpc::GuardedServer> server_;
};

TEST_F(CredentialsTest, TokenGoesOverTls) {
  UseTls();
  Start();
  EXPECT_TRUE(GetUser().ok()) << GetUser();
  client_options_.token_file = "";
  EXPECT_EQ(GetUser().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(CredentialsTest, CertificateOfOnesOwnIsShown) {
  UseTls();
  server_options_.auth_secret_file = "";
  server_options_.tls_client_ca = dir_.File("ca");
  rpc::ReplaceFile(dir_.File("roles"), "reader certificate ann\n");
  server_options_.auth_roles = dir_.File("roles");
  const rpc::TestCertificate own = authority_.Issue("ann", "");
  rpc::ReplaceFile(dir_.File("own cert"), own.certificate);
  rpc::ReplaceFile(dir_.File("own key"), own.key);
  client_options_ = {.tls_ca = dir_.File("ca"), .tls_cert = dir_.File("own cert"), .tls_key = dir_.File("own key")};
  Start();
  EXPECT_TRUE(GetUser().ok()) << GetUser();
}

TEST_F(CredentialsTest, InPlainTextTokenGoesToTheLoopbackOnly) {
  Start();
  EXPECT_TRUE(GetUser().ok()) << GetUser();
  // The same server under a name that does not show it.
  const std::string port = server_->address().substr(server_->address().find(':'));
  EXPECT_EQ(GetUser("ipv4:127.0.0.1" + port).code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(CredentialsTest, ReplacedTokenIsTakenUp) {
  Start();
  PutToken("reader", -absl::Hours(1));
  Endpoints endpoints("query service", {server_->address()}, Credentials::Create(client_options_).value());
  QueryClient client(endpoints, {});
  v1::GetUserRequest request;
  EXPECT_EQ(client.GetUser(request).status().code(), absl::StatusCode::kUnauthenticated);
  PutToken("reader", absl::Hours(1));
  EXPECT_TRUE(Eventually([&] { return client.GetUser(request).ok(); }));
}

TEST_F(CredentialsTest, FileThatCannotBeUsedIsNamedAndNotShown) {
  rpc::ReplaceFile(dir_.File("bad"), "top secret");
  const auto error = [](const CredentialOptions& options) {
    return std::string(Credentials::Create(options).status().message());
  };
  EXPECT_THAT(error({.token_file = dir_.File("bad")}), AllOf(HasSubstr("--token-file"), Not(HasSubstr("top secret"))));
  EXPECT_THAT(error({.token_file = dir_.File("none")}), HasSubstr("--token-file: cannot read"));
  EXPECT_THAT(error({.tls_ca = dir_.File("bad")}), AllOf(HasSubstr("--tls-ca"), Not(HasSubstr("top secret"))));
  rpc::ReplaceFile(dir_.File("a key"), authority_.IssueForServer().key);
  EXPECT_THAT(error({.tls_ca = dir_.File("a key")}), HasSubstr("holds no CERTIFICATE"));
  EXPECT_THAT(error({.tls_cert = dir_.File("bad")}), HasSubstr("--tls-key"));
  EXPECT_THAT(error({.tls_cert = dir_.File("bad"), .tls_key = dir_.File("bad")}), HasSubstr("needs --tls-ca"));
}

}  // namespace
}  // namespace roster::client
