#ifndef ROSTER_CLIENTS_CLI_COMMAND_LINE_H_
#define ROSTER_CLIENTS_CLI_COMMAND_LINE_H_

#include <memory>
#include <string>
#include <vector>

#include "base/options.h"
#include "clients/cli/command.h"
#include "clients/cli/session.h"

namespace roster::cli {

// rosterctl as a whole: its settings and commands. A test runs it as main does, with streams of its own.
//
// Thread safety: none; run once.
class CommandLine {
 public:
  CommandLine();

  // Reads the command line, does what it says, and returns what the process should exit with.
  int Run(int argc, const char* const* argv, const Streams& streams, const std::string& profile_folder);

  // The model that --help and completion are made from.
  CLI::App& app() { return options_.app(); }

 private:
  struct Entry {
    CLI::App* app;
    std::unique_ptr<Command> command;
  };

  void AddSettings();
  void AddCredentialSettings();
  void Add(std::unique_ptr<Command> command);
  Command& Chosen() const;

  Options options_;
  Settings settings_;
  std::vector<Entry> commands_;
};

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_COMMAND_LINE_H_
