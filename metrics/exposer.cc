#include "metrics/exposer.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <exception>
#include <limits>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/notification.h"
#include "base/error.h"
#include "base/host_port.h"
#include "base/log.h"
#include "prometheus/collectable.h"
#include "prometheus/exposer.h"
#include "prometheus/metric_family.h"

namespace roster::metrics {
namespace {

prometheus::MetricType TypeOf(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return prometheus::MetricType::Counter;
    case Kind::kGauge:
      return prometheus::MetricType::Gauge;
    case Kind::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric ToPrometheus(Kind kind, const Sample& sample) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : sample.labels) metric.label.push_back({name, value});
  if (kind == Kind::kCounter) metric.counter.value = sample.value;
  if (kind == Kind::kGauge) metric.gauge.value = sample.value;
  if (kind != Kind::kHistogram) return metric;
  uint64_t count = 0;
  for (size_t i = 0; i < sample.counts.size(); ++i) {
    count += sample.counts[i];
    const double bound = i < sample.bounds.size() ? sample.bounds[i] : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({.cumulative_count = count, .upper_bound = bound});
  }
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = sample.value;
  return metric;
}

// A registry as prometheus-cpp collects it.
class Collectable final : public prometheus::Collectable {
 public:
  explicit Collectable(const Registry& registry) : registry_(registry) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    std::vector<prometheus::MetricFamily> families;
    for (const Family& family : registry_.Collect()) {
      if (family.samples.empty()) continue;
      prometheus::MetricFamily& added = families.emplace_back();
      added.name = family.name;
      added.help = family.help;
      added.type = TypeOf(family.kind);
      for (const Sample& sample : family.samples) added.metric.push_back(ToPrometheus(family.kind, sample));
    }
    return families;
  }

 private:
  const Registry& registry_;
};

absl::StatusOr<HostPort> CheckAddress(const MetricsOptions& options) {
  std::optional<HostPort> address = ParseHostPort(options.address);
  if (!address) {
    return absl::InvalidArgumentError(
        absl::StrCat("--metrics-address: '", options.address, "' is not HOST:PORT, 127.0.0.1:9464 for instance"));
  }
  if (IsLoopback(address->host)) return *std::move(address);
  if (!options.insecure) {
    return absl::FailedPreconditionError(
        absl::StrCat("--metrics-address: ", options.address,
                     " is not a loopback address, and metrics are shown to whoever asks, in plain text: listen on "
                     "127.0.0.1, or give --metrics-insecure if only trusted machines can reach it"));
  }
  Log(LogLevel::kWarning, "showing metrics beyond loopback, as --metrics-insecure allows",
      {{"address", options.address}});
  return *std::move(address);
}

// Connects, and hangs up.
void Knock(const HostPort& address) {
  const std::string host = std::string(absl::StripSuffix(absl::StripPrefix(address.host, "["), "]"));
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), absl::StrCat(address.port).c_str(), nullptr, &found) != 0) return;
  const int connection = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection >= 0) {
    [[maybe_unused]] const int begun = connect(connection, found->ai_addr, found->ai_addrlen);
    close(connection);
  }
  freeaddrinfo(found);
}

}  // namespace

void DeclareMetricsOptions(CLI::App& app, MetricsOptions& options) {
  app.add_option("--metrics-address", options.address,
                 "HOST:PORT to show metrics on, for Prometheus; port 0 takes a free one. Empty: nowhere")
      ->capture_default_str();
  app.add_flag("--metrics-insecure", options.insecure,
               "Allow a --metrics-address other than loopback, in plain text and for everybody; set it only on a "
               "trusted network");
}

struct Exposer::Parts {
  std::shared_ptr<Collectable> collectable;
  std::unique_ptr<prometheus::Exposer> exposer;
};

absl::StatusOr<std::unique_ptr<Exposer>> Exposer::Start(const MetricsOptions& options, const Registry& registry) {
  if (options.address.empty()) return nullptr;
  ROSTER_ASSIGN_OR_RETURN(const HostPort address, CheckAddress(options));
  auto parts = std::make_unique<Parts>();
  int port = 0;
  try {
    parts->collectable = std::make_shared<Collectable>(registry);
    parts->exposer = std::make_unique<prometheus::Exposer>(options.address);
    parts->exposer->RegisterCollectable(parts->collectable);
    port = parts->exposer->GetListeningPorts().at(0);
  } catch (const std::exception&) {
    return absl::AlreadyExistsError(
        absl::StrCat("--metrics-address: cannot listen on ", options.address,
                     ": the port is taken by another process, or the address is none of this machine's"));
  }
  const std::string bound = absl::StrCat(address.host, ":", port);
  Log(LogLevel::kInfo, "showing metrics", {{"address", bound}});
  return std::unique_ptr<Exposer>(new Exposer(std::move(parts), bound));
}

Exposer::Exposer(std::unique_ptr<Parts> parts, std::string address)
    : parts_(std::move(parts)), address_(std::move(address)) {}

// The HTTP server looks every two seconds whether it should end, and whenever somebody connects.
Exposer::~Exposer() {
  absl::Notification ended;
  std::thread ending([&] {
    parts_->exposer.reset();
    ended.Notify();
  });
  while (!ended.WaitForNotificationWithTimeout(absl::Milliseconds(5))) Knock(*ParseHostPort(address_));
  ending.join();
}

}  // namespace roster::metrics
