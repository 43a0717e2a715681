#include "clients/cli/exit_code.h"

namespace roster::cli {

const char kExitCodeHelp[] =
    "Exit codes:\n"
    "  0  done\n"
    "  1  any other failure\n"
    "  2  wrong usage, or a value that the service refused\n"
    "  3  no such user\n"
    "  4  conflict: address or id taken, or the user has changed (--etag)\n"
    "  5  not reachable, not ready, overloaded or too late: try again\n"
    "  6  some rows of an import were refused\n"
    "  7  not allowed: credentials are missing or not good, or the role is too low\n";

ExitCode ExitCodeFor(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    case absl::StatusCode::kInvalidArgument:
      return ExitCode::kUsage;
    case absl::StatusCode::kNotFound:
      return ExitCode::kNotFound;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return ExitCode::kConflict;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::kTryAgain;
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return ExitCode::kNotAllowed;
    default:
      return ExitCode::kFailure;
  }
}

}  // namespace roster::cli
