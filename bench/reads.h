#ifndef ROSTER_BENCH_READS_H_
#define ROSTER_BENCH_READS_H_

#include <vector>

#include "absl/status/status.h"
#include "bench/figure.h"
#include "bench/load_users.h"
#include "tests/support/roster_processes.h"

namespace roster::bench {

// GetUser by id at 64 and 256 in flight, users chosen at random among `loaded`, beside the empty RPC; ListUsers of all
// users, in users a second, beside a raw scan of the same rows. `roster`'s query service must run and hold exactly
// `loaded`. Appends to `figures`.
absl::Status MeasureReads(const Settings& settings, test::RosterProcesses& roster, const LoadedUsers& loaded,
                          std::vector<Figure>& figures);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_READS_H_
