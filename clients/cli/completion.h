#ifndef ROSTER_CLIENTS_CLI_COMPLETION_H_
#define ROSTER_CLIENTS_CLI_COMPLETION_H_

#include <string>
#include <vector>

#include "CLI/CLI.hpp"

namespace roster::cli {

// An option or a positional, as completion sees it.
struct CompletionOption {
  // "--status", or "FILE" for a positional.
  std::string name;
  std::string help;
  bool takes_value = false;
  bool repeatable = false;
  bool takes_file = false;
  // What the value may be, where that is a fixed list.
  std::vector<std::string> choices;
};

struct CompletionCommand {
  // Empty for the program itself.
  std::string name;
  std::string help;
  std::vector<CompletionOption> options;
  std::vector<CompletionOption> positionals;
};

// What the user may type, read from the same declarations as --help is: the program itself first, then its commands.
std::vector<CompletionCommand> CompletionModel(const CLI::App& app);

// Scripts that complete `rosterctl` in a shell.
std::string BashCompletion(const std::vector<CompletionCommand>& model);
std::string ZshCompletion(const std::vector<CompletionCommand>& model);
std::string FishCompletion(const std::vector<CompletionCommand>& model);

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_COMPLETION_H_
