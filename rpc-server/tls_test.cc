#include "rpc-server/tls.h"

#include <atomic>
#include <filesystem>
#include <thread>

#include "base/eventually.h"
#include "base/temp_dir.h"
#include "gtest/gtest.h"
#include "rpc-server/credentials_for_test.h"
#include "rpc-server/guarded_server_for_test.h"

namespace roster::rpc {
namespace {

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    Install(authority_.IssueForServer());
    ReplaceFile(dir_.File("clients"), client_authority_.pem());
    options_.tls_cert = dir_.File("now/cert");
    options_.tls_key = dir_.File("now/key");
    options_.tls_refresh_s = 1;
  }

  // As a careful operator does: a new folder behind a symbolic link, so that certificate and key change at once.
  void Install(const TestCertificate& certificate) {
    const std::string folder = dir_.File(std::to_string(++installed_));
    std::filesystem::create_directory(folder);
    ReplaceFile(folder + "/cert", certificate.certificate);
    ReplaceFile(folder + "/key", certificate.key);
    std::filesystem::create_directory_symlink(folder, dir_.File("next"));
    std::filesystem::rename(dir_.File("next"), dir_.File("now"));
  }

  void AskForClientCertificates(const std::string& roles) {
    options_.tls_client_ca = dir_.File("clients");
    ReplaceFile(dir_.File("roles"), roles);
    options_.auth_roles = dir_.File("roles");
  }

  // A connection of its own.
  std::shared_ptr<grpc::Channel> Connect(const std::string& trusted, const TestCertificate& own = {}) const {
    grpc::SslCredentialsOptions credentials{
        .pem_root_certs = trusted, .pem_private_key = own.key, .pem_cert_chain = own.certificate};
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(server_->address(), grpc::SslCredentials(credentials), arguments);
  }

  std::string Call(const TestCertificate& own = {}, const std::string& token = "") const {
    return Outcome(GetUser(Connect(authority_.pem(), own), token));
  }

  void Start() { server_ = std::make_unique<GuardedServer>(options_); }

  TempDir dir_;
  int installed_ = 0;
  const TestAuthority authority_{"servers"};
  const TestAuthority client_authority_{"clients"};
  SecurityOptions options_;
  std::unique_ptr<GuardedServer> server_;
};

TEST_F(TlsTest, CallsGoOverTlsOnly) {
  Start();
  EXPECT_EQ(Call(), "OK");
  EXPECT_EQ(Outcome(GetUser(Connect(TestAuthority("others").pem()))), "UNAVAILABLE/");
  EXPECT_EQ(Outcome(GetUser(grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()))),
            "UNAVAILABLE/");
}

TEST_F(TlsTest, NamesInClientCertificatesHaveRoles) {
  AskForClientCertificates("reader certificate dashboard.example.com\nwriter certificate spiffe://example/w\n");
  Start();
  EXPECT_EQ(Call(client_authority_.Issue("x", "DNS:dashboard.example.com")), "OK");
  EXPECT_EQ(Call(client_authority_.Issue("x", "DNS:other.example.com,URI:spiffe://example/w")), "OK");
  EXPECT_EQ(Call(client_authority_.Issue("dashboard.example.com", "")), "OK");
  EXPECT_EQ(Call(client_authority_.Issue("x", "DNS:other.example.com")), "PERMISSION_DENIED/ROLE_REQUIRED");
  // Where there are other names, the common name is none.
  EXPECT_EQ(Call(client_authority_.Issue("dashboard.example.com", "DNS:other.example.com")),
            "PERMISSION_DENIED/ROLE_REQUIRED");
}

TEST_F(TlsTest, ClientWithoutCertificateOrOfAnotherAuthorityGetsNoConnection) {
  AskForClientCertificates("admin certificate *\n");
  Start();
  EXPECT_EQ(Call(), "UNAVAILABLE/");
  EXPECT_EQ(Call(TestAuthority("others").Issue("dashboard.example.com", "")), "UNAVAILABLE/");
  EXPECT_EQ(Call(authority_.Issue("dashboard.example.com", "")), "UNAVAILABLE/");
  EXPECT_EQ(Call(client_authority_.Issue("anybody", "")), "OK");
}

TEST_F(TlsTest, TokenOrCertificateWhereBothAreTaken) {
  AskForClientCertificates("reader certificate dashboard\n");
  ReplaceFile(dir_.File("secret"), kSecret);
  options_.auth_secret_file = dir_.File("secret");
  Start();
  const TestCertificate dashboard = client_authority_.Issue("dashboard", "");
  const TestCertificate stranger = client_authority_.Issue("stranger", "");
  const std::string token = TestSigner::Secret(kSecret).Sign(TestClaims("ann", "reader", absl::Now() + absl::Hours(1)));
  EXPECT_EQ(Call(), "UNAUTHENTICATED/CREDENTIALS_MISSING");
  EXPECT_EQ(Call({}, token), "OK");
  EXPECT_EQ(Call(dashboard), "OK");
  EXPECT_EQ(Call(stranger), "PERMISSION_DENIED/ROLE_REQUIRED");
  EXPECT_EQ(Call(stranger, token), "OK");
  // A certificate does not make a bad token good.
  EXPECT_EQ(Call(dashboard, token + "x"), "UNAUTHENTICATED/CREDENTIALS_INVALID");
  EXPECT_EQ(Call(TestAuthority("others").Issue("dashboard", "")), "UNAVAILABLE/");
}

TEST_F(TlsTest, CertificateIsReplacedWhileCallsGoOn) {
  Start();
  const TestAuthority next_authority("next servers");
  const std::string both = authority_.pem() + next_authority.pem();
  std::atomic<bool> stop = false;
  std::atomic<int> failed = 0;
  std::atomic<int> done = 0;
  // One caller stays on its connection, one makes a new one for each call.
  std::thread staying([&, channel = Connect(authority_.pem())] {
    for (; !stop; ++done) failed += GetUser(channel).ok() ? 0 : 1;
  });
  std::thread coming([&] {
    for (; !stop; ++done) failed += GetUser(Connect(both)).ok() ? 0 : 1;
  });
  Install(next_authority.IssueForServer());
  EXPECT_TRUE(Eventually([&] { return GetUser(Connect(next_authority.pem())).ok(); }));
  const int done_by_then = done;
  EXPECT_TRUE(Eventually([&] { return done > done_by_then + 10; }));
  stop = true;
  staying.join();
  coming.join();
  EXPECT_EQ(failed, 0);
  EXPECT_FALSE(GetUser(Connect(authority_.pem())).ok());
}

TEST_F(TlsTest, KeyOfAnotherCertificateStopsNewConnectionsUntilItIsMended) {
  Start();
  const auto staying = Connect(authority_.pem());
  ASSERT_TRUE(GetUser(staying).ok());
  const TestCertificate next = authority_.IssueForServer();
  Install({next.certificate, authority_.IssueForServer().key});
  EXPECT_TRUE(Eventually([&] { return !GetUser(Connect(authority_.pem())).ok(); }));
  EXPECT_TRUE(GetUser(staying).ok());
  Install(next);
  EXPECT_TRUE(Eventually([&] { return GetUser(Connect(authority_.pem())).ok(); }));
  EXPECT_TRUE(GetUser(staying).ok());
}

TEST_F(TlsTest, FilesThatCannotBeUsedAreNamed) {
  const TestCertificate certificate = authority_.IssueForServer();
  ReplaceFile(dir_.File("cert"), certificate.certificate);
  ReplaceFile(dir_.File("key"), certificate.key);
  ReplaceFile(dir_.File("other key"), authority_.IssueForServer().key);
  ReplaceFile(dir_.File("nothing"), "");
  const auto error = [&](const char* cert, const char* key, const char* client_ca) {
    const auto made = MakeTlsCredentials({.certificate_file = dir_.File(cert),
                                          .key_file = dir_.File(key),
                                          .client_ca_file = client_ca[0] == '\0' ? "" : dir_.File(client_ca)});
    return std::string(made.status().message()).substr(0, 15);
  };
  EXPECT_EQ(error("cert", "key", ""), "");
  EXPECT_EQ(error("cert", "key", "clients"), "");
  EXPECT_EQ(error("none", "key", ""), "--tls-cert: can");
  EXPECT_EQ(error("nothing", "key", ""), "--tls-cert: the");
  EXPECT_EQ(error("cert", "none", ""), "--tls-key: cann");
  EXPECT_EQ(error("cert", "nothing", ""), "--tls-key: the ");
  EXPECT_EQ(error("cert", "other key", ""), "--tls-key: the ");
  EXPECT_EQ(error("cert", "key", "none"), "--tls-client-ca");
  EXPECT_EQ(error("cert", "key", "nothing"), "--tls-client-ca");
}

}  // namespace
}  // namespace roster::rpc
