#ifndef ROSTER_BENCH_EMPTY_SERVER_H_
#define ROSTER_BENCH_EMPTY_SERVER_H_

namespace roster::bench {

// Serves SignUpUser with an empty answer, in the way in which the command service serves it (rpc-server/, one thread
// that polls one completion queue), and logs the address. The ceiling of every unary call: nothing is decided, read or
// recorded. Returns the process's exit code once it is asked to stop.
int RunEmptyServer();

}  // namespace roster::bench

#endif  // ROSTER_BENCH_EMPTY_SERVER_H_
