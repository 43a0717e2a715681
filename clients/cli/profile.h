#ifndef ROSTER_CLIENTS_CLI_PROFILE_H_
#define ROSTER_CLIENTS_CLI_PROFILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace roster::cli {

// What rosterctl remembers from one run to the next: the consistency token of the last write, so that the next read
// includes it. One file for each set of command services, or for each name given with --profile.
//
// Runs at the same time are safe: a token is stored under a lock, by replacing the file, and never in the place of one
// that covers more. No state: thread-safe.
class Profile {
 public:
  // `folder` is made when first needed. `name` may be anything.
  Profile(std::string folder, absl::string_view name);

  // The saved token, or "" where there is none that can be read.
  std::string Load() const;

  // Saves a token that covers what `token` and the saved one cover; where they are of different logs, `token`.
  absl::Status Save(const std::string& token) const;

  // Forgets the token, unless another was saved meanwhile.
  absl::Status Forget(const std::string& token) const;

  const std::string& path() const { return path_; }

 private:
  absl::StatusOr<std::string> PrepareFolder() const;

  std::string folder_;
  std::string path_;
};

// $XDG_STATE_HOME/roster, or ~/.local/state/roster. "" where neither variable is set.
std::string DefaultProfileFolder();

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_PROFILE_H_
