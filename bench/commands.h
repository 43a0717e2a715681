#ifndef ROSTER_BENCH_COMMANDS_H_
#define ROSTER_BENCH_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bench/figure.h"
#include "tests/support/roster_processes.h"

namespace roster::bench {

// SignUpUser at 1, 64 and 256 in flight, beside the empty RPC; at 1 in flight on the embedded log also beside the
// disk's own durable writes. `roster`'s command service must run. Appends to `figures`.
absl::Status MeasureCommands(const Settings& settings, test::RosterProcesses& roster, std::vector<Figure>& figures);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_COMMANDS_H_
