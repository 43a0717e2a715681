#include "query-service/options.h"

namespace roster::query_service {

void DeclareQueryServiceOptions(CLI::App& app, QueryServiceOptions& options) {
  rpc::DeclareServerOptions(app, options.server);
  metrics::DeclareMetricsOptions(app, options.metrics);
  app.add_option("--read-model", options.read_model, "Folder of the read model, as given to roster-projector")
      ->capture_default_str();
  app.add_option("--workers", options.workers,
                 "Threads that answer calls, 0 for one each core; lower it to leave cores to the projector")
      ->capture_default_str()
      ->check(CLI::Range(0, 256));
  app.add_option("--max-wait-ms", options.max_wait_ms,
                 "Longest wait of a read for its read_after; raise it where projectors are often far behind")
      ->capture_default_str()
      ->check(CLI::Range(0, 600'000));
  app.add_option("--watch-idle-ms", options.watch_idle_ms,
                 "How often a watch without news sends `idle`; raise it for very many quiet watches")
      ->capture_default_str()
      ->check(CLI::Range(10, 3'600'000));
  app.add_option("--max-watches", options.max_watches, "Open WatchUsers calls; further ones are refused as OVERLOADED")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--max-lists", options.max_lists,
                 "Open ListUsers calls, each with up to 1 MiB; further ones are refused as OVERLOADED")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--max-waiting-reads", options.max_waiting_reads,
                 "Reads that wait for their read_after; further ones are refused as OVERLOADED")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
}

}  // namespace roster::query_service
