#ifndef ROSTER_PROJECTOR_OPERATOR_COMMANDS_H_
#define ROSTER_PROJECTOR_OPERATOR_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/position.h"
#include "projector/lag.h"
#include "projector/projector_options.h"
#include "projector/rebuild_command.h"

namespace roster::projector {

// The subcommands of roster-projector for operators: dead-letters list, show, redrive and discard, status, digest,
// backup, restore, rebuild, verify.
// Those that only look read the file; those that write ask the running projector, or take its lock where none runs.
//
// Thread safety: none.
class OperatorCommands {
 public:
  // Declares the subcommands. Both must outlive the object.
  OperatorCommands(CLI::App& app, const ProjectorOptions& options);

  // Runs the subcommand that was given, prints its answer, and returns the exit code: 0, or 1 with the error on stderr,
  // or what the subcommand's help says.
  // Absent where none was given.
  std::optional<int> RunIfAsked();

 private:
  void DeclareDeadLetters(CLI::App& app);
  void AddOutput(CLI::App& command);
  void AddId(CLI::App& command, bool all_allowed);

  absl::Status List();
  absl::Status Show();
  absl::Status Settle(bool redrive);
  absl::Status Status();
  absl::StatusOr<Lag> FindLag(const Checkpoint& checkpoint) const;
  absl::Status BackUp();
  absl::Status Restore();
  absl::Status Digest();

  const ProjectorOptions& options_;
  bool json() const { return output_ == "json"; }

  CLI::App* list_ = nullptr;
  CLI::App* show_ = nullptr;
  CLI::App* redrive_ = nullptr;
  CLI::App* discard_ = nullptr;
  CLI::App* status_ = nullptr;
  CLI::App* digest_ = nullptr;
  CLI::App* backup_ = nullptr;
  CLI::App* restore_ = nullptr;
  std::optional<RebuildCommand> rebuild_;

  std::string output_ = "table";
  // Of the record that is meant; negative: none was given.
  int32_t partition_ = -1;
  int64_t offset_ = -1;
  bool all_ = false;
  std::string file_;
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_OPERATOR_COMMANDS_H_
