#ifndef ROSTER_QUERY_SERVICE_OPTIONS_H_
#define ROSTER_QUERY_SERVICE_OPTIONS_H_

#include <string>

#include "CLI/CLI.hpp"
#include "absl/time/time.h"
#include "metrics/exposer.h"
#include "rpc-server/server.h"

namespace roster::query_service {

// Settings of the query service.
struct QueryServiceOptions {
  QueryServiceOptions() { server.listen = "127.0.0.1:50052"; }

  rpc::ServerOptions server;
  // Folder of the read model that a projector keeps.
  std::string read_model = "var/read-model";
  // Threads that answer calls, each with a connection of its own; 0: one for each core, at least two.
  int workers = 0;
  // How long a read_after may wait.
  int max_wait_ms = 10'000;
  // After how long without a change a watch says so.
  int watch_idle_ms = 10'000;
  // How long after changes a watch is sent the next, for each watch that is open: so all of them together are sent at
  // most 25,000 messages with changes a second. Measured with 1,000 watches of 1,000 changes a second on two cores that
  // the clients share: p99 61 to 81 ms with 0.38 of a core. 30 us takes 0.45 and is no earlier (52 to 94 ms), 20 us
  // takes 0.61, and clients fall behind (195 ms). Not a flag.
  absl::Duration watch_pace = absl::Microseconds(40);
  // Open calls of each kind; further ones are OVERLOADED.
  int max_watches = 10'000;
  int max_lists = 1'000;
  int max_waiting_reads = 10'000;
  metrics::MetricsOptions metrics;
};

// Declares the flags, which write into `options`; what it holds before is the default.
void DeclareQueryServiceOptions(CLI::App& app, QueryServiceOptions& options);

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_OPTIONS_H_
