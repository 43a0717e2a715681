#include "clients/cli/command_line.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/error_sentence.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/terminal_text.h"

namespace roster::cli {
namespace {

constexpr double kMaxTimeoutS = 24 * 3600;

int Report(const Streams& streams, const absl::Status& status) {
  for (const std::string& sentence : ErrorSentences(status)) streams.err << "rosterctl: " << sentence << '\n';
  streams.err.flush();
  return static_cast<int>(ExitCodeFor(status));
}

}  // namespace

CommandLine::CommandLine() : options_("rosterctl", "Signs up, changes, deletes, lists and watches Roster's users.") {
  AddSettings();
  Add(MakeSignUpCommand());
  Add(MakeUpdateCommand());
  Add(MakeDeleteCommand());
  Add(MakeGetCommand());
  Add(MakeListCommand());
  Add(MakeWatchCommand());
  Add(MakeStatusCommand());
  Add(MakeImportCommand());
  Add(MakeExportCommand());
  Add(MakeCompletionCommand());
}

void CommandLine::AddSettings() {
  CLI::App& app = options_.app();
  app.require_subcommand(1);
  // Settings may stand behind the command too: `rosterctl get ID --output json`.
  app.fallthrough();
  app.add_option("--command-service", settings_.command_services,
                 "Addresses of the command services, with commas between them; whoever answers and leads is used")
      ->capture_default_str();
  app.add_option("--query-service", settings_.query_services, "Addresses of the query services, likewise")
      ->capture_default_str();
  app.add_option("--timeout", settings_.timeout_s,
                 "Seconds for a command with its repeats; for streams, the longest silence")
      ->check(CLI::Range(0.001, kMaxTimeoutS))
      ->capture_default_str();
  app.add_option("--output", settings_.output, "What to print: table (for people), json (one object a line) or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  app.add_option("--profile", settings_.profile,
                 "Remember the last write under this name, so that reads include it. Default: a name made of "
                 "--command-service");
  AddCredentialSettings();
  for (CLI::Option* option : app.get_options()) {
    // As in most programs, so that a script can add a setting to a line that has it.
    if (option->get_items_expected_max() == 1) option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  app.footer(
      absl::StrCat("Examples:\n"
                   "  rosterctl signup --email ann@example.com --name 'Ann Lee'\n"
                   "  rosterctl list --status active\n"
                   "  rosterctl COMMAND --help\n\n",
                   kExitCodeHelp,
                   "\nEach --flag above is also the environment variable ROSTER_FLAG and, in the file that "
                   "--config names, the line `flag = value`.\n"
                   "The token of the last write is kept under $XDG_STATE_HOME/roster (~/.local/state/roster)."));
}

void CommandLine::AddCredentialSettings() {
  CLI::App& app = options_.app();
  client::CredentialOptions& credentials = settings_.credentials;
  app.add_option("--tls-ca", credentials.tls_ca,
                 "File with the authorities of the services' certificates in PEM; turns TLS on");
  app.add_option("--tls-cert", credentials.tls_cert, "File with a certificate of your own in PEM");
  app.add_option("--tls-key", credentials.tls_key, "File with that certificate's private key in PEM");
  app.add_option("--token-file", credentials.token_file,
                 "File with a bearer token; sent over TLS, or to this machine's own services");
}

void CommandLine::Add(std::unique_ptr<Command> command) {
  CLI::App* const app = command->Declare(options_.app());
  commands_.push_back({app, std::move(command)});
}

int CommandLine::Run(int argc, const char* const* argv, const Streams& streams, const std::string& profile_folder) {
  for (int i = 1; i < argc; ++i) {
    if (!IsUtf8(argv[i])) {
      return Report(streams, absl::InvalidArgumentError(absl::StrCat("'", argv[i], "' is not UTF-8")));
    }
  }
  if (const auto exit_code = options_.Parse(argc, argv)) return *exit_code;
  auto session = Session::Create(settings_, streams, profile_folder);
  if (!session.ok()) return Report(streams, session.status());
  const absl::StatusOr<ExitCode> result = Chosen().Run(**session);
  if (!result.ok()) return Report(streams, result.status());
  return static_cast<int>(*result);
}

Command& CommandLine::Chosen() const {
  for (const Entry& entry : commands_) {
    if (entry.app->parsed()) return *entry.command;
  }
  // require_subcommand(1) let nothing else pass.
  std::abort();
}

}  // namespace roster::cli
