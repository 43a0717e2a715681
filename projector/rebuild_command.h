#ifndef ROSTER_PROJECTOR_REBUILD_COMMAND_H_
#define ROSTER_PROJECTOR_REBUILD_COMMAND_H_

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "projector/projector_options.h"

namespace roster::projector {

// roster-projector rebuild and verify: run it, show how it goes on (a bar on a terminal), and print what came out.
//
// Thread safety: none.
class RebuildCommand {
 public:
  // What both return where the users of the two generations differ and the live one stays.
  static constexpr int kUsersDiffer = 3;

  // Declares the subcommands.
  explicit RebuildCommand(CLI::App& app);

  bool parsed() const { return rebuild_->parsed() || verify_->parsed(); }
  // Runs the one that was given. The exit code.
  absl::StatusOr<int> Run(const ProjectorOptions& options);

 private:
  CLI::App* rebuild_;
  CLI::App* verify_;
  bool accept_ = false;
  std::string output_ = "table";
};

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_REBUILD_COMMAND_H_
