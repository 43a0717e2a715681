#include "tests/support/guarded_roster.h"

#include "absl/time/clock.h"
#include "rpc-server/credentials_for_test.h"

namespace roster::test {
namespace {

constexpr char kRetries[] =
    R"({"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 5, "initialBackoff": "0.01s",
        "maxBackoff": "1s", "backoffMultiplier": 3, "retryableStatusCodes": ["UNAVAILABLE"]}}]})";

}  // namespace

std::vector<std::string> LimitFlags() {
  return {"--max-caller-calls-per-second=1000", "--max-caller-open-calls=200", "--max-connections=2000",
          "--max-connections-per-address=500", "--max-buffered-mib=64"};
}

Guard::Guard(RosterProcesses& roster) : secret_("what no caller knows, 32 bytes and more") {
  rpc::ReplaceFile(roster.File("secret"), secret_);
  std::vector<std::string> flags = LimitFlags();
  flags.push_back("--auth-secret-file=" + roster.File("secret"));
  for (const std::string& flag : flags) {
    roster.AddCommandServiceFlag(flag);
    roster.AddQueryServiceFlag(flag);
  }
}

std::string Guard::TokenOf(const std::string& caller) const {
  return rpc::TestSigner::Secret(secret_).Sign(rpc::TestClaims(caller, "writer", absl::Now() + absl::Hours(24)));
}

std::unique_ptr<Process> StartHostileClients(const RosterProcesses& roster, const Guard& guard,
                                             const std::string& only) {
  rpc::ReplaceFile(roster.File("hostile-token"), guard.TokenOf("hostile"));
  std::vector<std::string> command = {"/usr/bin/nice",
                                      "-n",
                                      "19",
                                      ProgramPath("roster-hostile"),
                                      "--command-service=" + roster.command_address(),
                                      "--query-service=" + roster.query_address(),
                                      "--token-file=" + roster.File("hostile-token")};
  if (!only.empty()) command.push_back("--only=" + only);
  auto clients = Process::Start(command, roster.File("hostile.log"));
  // Before that a signal would not end them as it should.
  clients->WaitForLogField("attacking", "attacks").value();
  return clients;
}

std::shared_ptr<grpc::Channel> ConnectPatiently(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kRetries);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace roster::test
