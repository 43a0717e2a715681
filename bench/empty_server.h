#ifndef ROSTER_BENCH_EMPTY_SERVER_H_
#define ROSTER_BENCH_EMPTY_SERVER_H_

#include <string>

namespace roster::bench {

// Serves one method with an empty answer, set up as the service that it stands for, and logs the address: the ceiling
// of every unary call of that service, since nothing is decided, read or recorded. Both use rpc-server/'s server.
//   "command"  SignUpUser as roster-command-service has it: one thread that polls one completion queue, decoded
//   messages "query"    GetUser as roster-query-service has it: a thread and a completion queue for each core, at least
//   two, eight
//              calls of each accepted ahead, messages as bytes
// Returns the process's exit code once it is asked to stop.
int RunEmptyServer(const std::string& service);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_EMPTY_SERVER_H_
