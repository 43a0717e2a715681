// roster-hostile: clients that misuse a running Roster in every way they can think of, until told to stop. For tests,
// and for trying your own settings: see docs/security.md.
#include <cstdio>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/host_port.h"
#include "base/log.h"
#include "base/options.h"
#include "base/shutdown.h"
#include "base/watched_file.h"
#include "tests/hostile/attack.h"

namespace {

using namespace roster::test;

constexpr char kDescription[] =
    "Attacks a command service and a query service on this machine until SIGTERM: thousands of idle connections, "
    "messages "
    "that never end, streams that are not read, giant messages and metadata, a flood of sign-ups, wrong tokens. Use it "
    "on your own servers only.";

constexpr size_t kMaxTokenBytes = 8192;

constexpr std::unique_ptr<Attack> (*kAttacks[])(const Target&) = {IdleConnections, HalfMessages, UnreadStreams,
                                                                  GiantMessages,   SignUpFlood,  WrongTokens};

}  // namespace

int main(int argc, char** argv) {
  roster::ShutdownSignal shutdown;
  roster::Options settings("roster-hostile", kDescription);
  Target target;
  std::string token_file, only;
  settings.app()
      .add_option("--command-service", target.command_service, "127.0.0.1:PORT of the command service, in plain text")
      ->required()
      ->check(roster::ServerAddress());
  settings.app()
      .add_option("--query-service", target.query_service, "127.0.0.1:PORT of the query service, in plain text")
      ->required()
      ->check(roster::ServerAddress());
  settings.app().add_option("--token-file", token_file, "File with the writer's token that the clients misuse");
  settings.app().add_option("--only", only, "Only the attacks that have this in their name");
  if (const std::optional<int> exit_code = settings.Parse(argc, argv)) return *exit_code;
  if (!token_file.empty()) {
    const absl::StatusOr<std::string> token = roster::ReadWholeFile(token_file, kMaxTokenBytes);
    if (!token.ok()) {
      std::fprintf(stderr, "roster-hostile: %s\n", std::string(token.status().message()).c_str());
      return 1;
    }
    target.token = std::string(absl::StripAsciiWhitespace(*token));
  }

  std::atomic<bool> stop = false;
  std::vector<std::unique_ptr<Attack>> attacks;
  for (const auto& make : kAttacks) {
    std::unique_ptr<Attack> attack = make(target);
    if (absl::StrContains(attack->name(), only)) attacks.push_back(std::move(attack));
  }
  std::vector<std::thread> threads;
  for (const auto& attack : attacks) threads.emplace_back([&attack, &stop] { attack->Run(stop); });
  roster::Log(roster::LogLevel::kInfo, "attacking", {{"attacks", attacks.size()}});
  shutdown.Wait();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  for (const auto& attack : attacks) std::printf("%s: %lld\n", attack->name(), static_cast<long long>(attack->times()));
  return 0;
}
