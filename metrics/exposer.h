#ifndef ROSTER_METRICS_EXPOSER_H_
#define ROSTER_METRICS_EXPOSER_H_

#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "metrics/registry.h"

namespace roster::metrics {

// Where a program shows its metrics.
struct MetricsOptions {
  // HOST:PORT; port 0 takes a free one. Empty: nowhere.
  std::string address;
  // Allows an address other than loopback: there is neither TLS nor a check of who asks.
  bool insecure = false;
};

// Declares --metrics-address and --metrics-insecure, which write into `options`.
void DeclareMetricsOptions(CLI::App& app, MetricsOptions& options);

// Serves a registry over HTTP at /metrics, in Prometheus' text format, on two threads of its own.
//
// Thread safety: one thread.
class Exposer {
 public:
  // Null where `options` names no address. `registry` must outlive it. Logs the address. INVALID_ARGUMENT and
  // FAILED_PRECONDITION name the option that is wrong; ALREADY_EXISTS: the address cannot be taken.
  static absl::StatusOr<std::unique_ptr<Exposer>> Start(const MetricsOptions& options, const Registry& registry);
  // Waits for scrapes under way.
  ~Exposer();

  // HOST:PORT with the port that was taken.
  const std::string& address() const { return address_; }

 private:
  struct Parts;
  Exposer(std::unique_ptr<Parts> parts, std::string address);

  std::unique_ptr<Parts> parts_;
  const std::string address_;
};

}  // namespace roster::metrics

#endif  // ROSTER_METRICS_EXPOSER_H_
