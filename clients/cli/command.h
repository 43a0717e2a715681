#ifndef ROSTER_CLIENTS_CLI_COMMAND_H_
#define ROSTER_CLIENTS_CLI_COMMAND_H_

#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/session.h"

namespace roster::cli {

// One subcommand of rosterctl. Declare, then parse, then Run once.
class Command {
 public:
  virtual ~Command() = default;

  // Adds the subcommand and its options to `app`, which fills variables of this object when it parses.
  virtual CLI::App* Declare(CLI::App& app) = 0;

  // An error is printed, and gives the exit code, by the caller.
  virtual absl::StatusOr<ExitCode> Run(Session& session) = 0;
};

// The commands in the order in which --help shows them. A file each: command_NAME.cc.
std::unique_ptr<Command> MakeSignUpCommand();
std::unique_ptr<Command> MakeUpdateCommand();
std::unique_ptr<Command> MakeDeleteCommand();
std::unique_ptr<Command> MakeGetCommand();
std::unique_ptr<Command> MakeListCommand();
std::unique_ptr<Command> MakeWatchCommand();
std::unique_ptr<Command> MakeStatusCommand();
std::unique_ptr<Command> MakeImportCommand();
std::unique_ptr<Command> MakeExportCommand();
std::unique_ptr<Command> MakeCompletionCommand();

// Adds a subcommand: its options are of this one call, so they are neither environment variables nor lines of a file.
CLI::App* AddCommand(CLI::App& app, const std::string& name, const std::string& description,
                     const std::string& examples);

// The options that several commands share.
void AddReadAfterOption(CLI::App& command, ReadAfter& read_after);
void AddRequestIdOption(CLI::App& command, std::string& request_id);
void AddValidateOnlyFlag(CLI::App& command, bool& validate_only);

// Marks every option as one that is only given in the command line. To be called when all are added.
CLI::App* OnlyInCommandLine(CLI::App* command);

// "KEY=VALUE". INVALID_ARGUMENT where there is no "=".
absl::StatusOr<std::pair<std::string, std::string>> ParseLabel(const std::string& text);

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_COMMAND_H_
