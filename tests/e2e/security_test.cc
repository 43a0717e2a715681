// Security as operators set it up: the programs over TLS with roles, and rosterctl with tokens and certificates.
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rpc-server/credentials_for_test.h"
#include "tests/support/process.h"

namespace roster::test {
namespace {

using rpc::ReplaceFile;
using testing::HasSubstr;
using testing::Not;

constexpr int kDone = 0;
constexpr int kTryAgain = 5;
constexpr int kNotAllowed = 7;

class SecurityTest : public testing::Test {
 protected:
  SecurityTest() {
    const rpc::TestCertificate server = authority_.IssueForServer();
    const rpc::TestCertificate dashboard = authority_.Issue("dashboard", "");
    ReplaceFile(dir_.File("ca"), authority_.pem());
    ReplaceFile(dir_.File("cert"), server.certificate);
    ReplaceFile(dir_.File("key"), server.key);
    ReplaceFile(dir_.File("dashboard-cert"), dashboard.certificate);
    ReplaceFile(dir_.File("dashboard-key"), dashboard.key);
    ReplaceFile(dir_.File("jwks"), rpc::Jwks({signer_}));
    ReplaceFile(dir_.File("roles"), "reader certificate dashboard\nreader token rea\n");
    ReplaceFile(dir_.File("writer"), writer_token_);
    ReplaceFile(dir_.File("reader"), Token("rea", ""));
    ReplaceFile(dir_.File("expired"), signer_.Sign(rpc::TestClaims("wri", "writer", absl::Now() - absl::Hours(1))));
    setenv("XDG_STATE_HOME", dir_.path().c_str(), /*overwrite=*/1);
  }

  std::string Token(const std::string& subject, const std::string& role) const {
    return signer_.Sign(rpc::TestClaims(subject, role, absl::Now() + absl::Hours(1)));
  }

  std::unique_ptr<Process> StartServer(const std::string& program, std::vector<std::string> flags) const {
    flags.insert(flags.begin(),
                 {ProgramPath(program), "--listen=127.0.0.1:0", "--tls-cert=" + dir_.File("cert"),
                  "--tls-key=" + dir_.File("key"), "--tls-client-ca=" + dir_.File("ca"),
                  "--auth-jwks=" + dir_.File("jwks"), "--auth-audience=roster", "--auth-roles=" + dir_.File("roles")});
    return Process::Start(flags, dir_.File(program + ".log"));
  }

  void StartAll() {
    const std::string log = absl::StrCat("--log=embedded:", dir_.File("log.db"));
    const std::string read_model = "--read-model=" + dir_.File("read-model");
    commands_ = StartServer("roster-command-service", {log, "--write-model=" + dir_.File("write-model.db")});
    projector_ = Process::Start({ProgramPath("roster-projector"), log, read_model}, dir_.File("projector.log"));
    queries_ = StartServer("roster-query-service", {read_model});
    command_address_ = commands_->WaitForLogField("listening", "address").value();
    query_address_ = queries_->WaitForLogField("listening", "address").value();
  }

  CommandResult Rosterctl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {ProgramPath("rosterctl"), "--command-service=" + command_address_,
                                         "--query-service=" + query_address_});
    return RunCommand(arguments, dir_.File("rosterctl.log"));
  }
  std::string WithToken(const std::string& file) const { return "--token-file=" + dir_.File(file); }
  std::string WithCa() const { return "--tls-ca=" + dir_.File("ca"); }

  TempDir dir_;
  const rpc::TestAuthority authority_{"an authority"};
  const rpc::TestSigner signer_ = rpc::TestSigner::P256("k1");
  const std::string writer_token_ = Token("wri", "writer");
  std::unique_ptr<Process> commands_, projector_, queries_;
  std::string command_address_, query_address_;
};

TEST_F(SecurityTest, RosterctlDoesWhatItsRoleAllows) {
  StartAll();
  const std::vector<std::string> sign_up = {"signup", "--email=ann@example.com", "--id=ann", WithCa()};
  const auto with = [](std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  EXPECT_EQ(Rosterctl(sign_up).exit_code, kNotAllowed);
  EXPECT_EQ(Rosterctl(with(sign_up, {WithToken("expired")})).exit_code, kNotAllowed);
  EXPECT_EQ(Rosterctl(with(sign_up, {WithToken("reader")})).exit_code, kNotAllowed);
  EXPECT_EQ(Rosterctl(with(sign_up, {WithToken("writer"), "--timeout=60"})).exit_code, kDone);
  // In plain text.
  EXPECT_EQ(Rosterctl({"get", "ann", "--timeout=1"}).exit_code, kTryAgain);

  const std::vector<std::string> get = {"get", "ann", WithCa(), "--timeout=60"};
  EXPECT_EQ(Rosterctl(get).exit_code, kNotAllowed);
  for (const auto& credentials : std::vector<std::vector<std::string>>{
           {WithToken("reader")},
           {WithToken("writer")},
           {"--tls-cert=" + dir_.File("dashboard-cert"), "--tls-key=" + dir_.File("dashboard-key")}}) {
    const CommandResult got = Rosterctl(with(get, credentials));
    EXPECT_EQ(got.exit_code, kDone);
    EXPECT_THAT(got.output, HasSubstr("ann@example.com"));
  }
  EXPECT_EQ(Rosterctl({"status", WithCa(), WithToken("reader")}).exit_code, kDone);
  EXPECT_EQ(Rosterctl({"status", WithCa()}).exit_code, kNotAllowed);

  for (const Process* server : {commands_.get(), queries_.get()}) {
    EXPECT_THAT(server->Log(), Not(HasSubstr(writer_token_.substr(0, 20))));
    EXPECT_THAT(server->Log(), Not(HasSubstr("ann@example.com")));
  }
}

TEST_F(SecurityTest, ServersDoNotListenBeyondTheLoopbackUnprotected) {
  const std::string log = absl::StrCat("--log=embedded:", dir_.File("log.db"));
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {ProgramPath("roster-command-service"), log, "--write-model=" + dir_.File("write-model.db")},
           {ProgramPath("roster-query-service"), "--read-model=" + dir_.File("read-model")}}) {
    std::vector<std::string> all = arguments;
    all.push_back("--listen=0.0.0.0:0");
    const auto server = Process::Start(all, dir_.File("refused.log"));
    EXPECT_THAT(server->WaitForLogField("cannot start", "error").value(), HasSubstr("--insecure"));
    EXPECT_EQ(server->Wait(), 1);
  }
}

}  // namespace
}  // namespace roster::test
