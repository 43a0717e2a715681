#ifndef ROSTER_METRICS_PROCESS_METRICS_H_
#define ROSTER_METRICS_PROCESS_METRICS_H_

#include <functional>
#include <string>

#include "metrics/registry.h"

namespace roster::metrics {

// What every program shows: its version, when it was started, processor time, memory and open files under the names
// that Prometheus' client libraries have for them, and how many warnings and errors it has logged.
void AddProcessMetrics(Registry& registry, const std::string& program);

// Shows the sizes of an SQLite database, `file` by name ("write_model"), and of its write-ahead log. `path` is asked
// each time, on the thread that collects; where it is empty, or no file, nothing is shown.
void AddDatabaseSize(Registry& registry, const std::string& file, std::function<std::string()> path);

}  // namespace roster::metrics

#endif  // ROSTER_METRICS_PROCESS_METRICS_H_
