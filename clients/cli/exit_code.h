#ifndef ROSTER_CLIENTS_CLI_EXIT_CODE_H_
#define ROSTER_CLIENTS_CLI_EXIT_CODE_H_

#include "absl/status/status.h"

namespace roster::cli {

// What rosterctl exits with. Scripts rely on these: never renumber.
//
//   0  done
//   1  any other failure: a file that can't be read, a fault of the service's, a foreign token
//   2  wrong usage, or a value that the service refused as malformed (INVALID_ARGUMENT)
//   3  no such user (NOT_FOUND)
//   4  conflict: address or id taken, etag not current (ALREADY_EXISTS, ABORTED)
//   5  not reachable, not ready, overloaded or too late: the same command may be given again
//   6  an import was finished, but some of its rows were refused
//   7  not allowed: no credentials, or none that are good, or a role too low (UNAUTHENTICATED, PERMISSION_DENIED)
enum class ExitCode {
  kOk = 0,
  kFailure = 1,
  kUsage = 2,
  kNotFound = 3,
  kConflict = 4,
  kTryAgain = 5,
  kRowsRefused = 6,
  kNotAllowed = 7,
};

// The code for how a call ended.
ExitCode ExitCodeFor(const absl::Status& status);

// The table above, for --help.
extern const char kExitCodeHelp[];

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_EXIT_CODE_H_
