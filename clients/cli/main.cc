#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "clients/cli/command_line.h"
#include "clients/cli/profile.h"

int main(int argc, char** argv) {
  // gRPC's own log would stand between the answers; what goes wrong is said in sentences.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  // Much faster for long lists. SIGPIPE stays as it is: a reader that goes away, as `head` does, ends the program.
  std::ios::sync_with_stdio(false);
  const roster::cli::Streams streams{std::cin, std::cout, std::cerr, isatty(STDOUT_FILENO) == 1,
                                     isatty(STDERR_FILENO) == 1};
  return roster::cli::CommandLine().Run(argc, argv, streams, roster::cli::DefaultProfileFolder());
}
