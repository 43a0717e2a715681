#include "metrics/registry.h"

#include <algorithm>

namespace roster::metrics {
namespace {

constexpr double kDurations[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                 0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
constexpr double kSizes[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 10'000, 100'000};

template <typename Cell>
Cell& AddCell(std::vector<std::unique_ptr<Cell>>& cells, std::unique_ptr<Cell> cell) {
  cells.push_back(std::move(cell));
  return *cells.back();
}

}  // namespace

Histogram::Histogram(absl::Span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), counts_(new std::atomic<uint64_t>[bounds.size() + 1]()) {}

void Histogram::Observe(double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<uint64_t> Histogram::counts() const {
  std::vector<uint64_t> counts;
  for (size_t i = 0; i <= bounds_.size(); ++i) counts.push_back(counts_[i].load(std::memory_order_relaxed));
  return counts;
}

absl::Span<const double> DurationBounds() { return kDurations; }
absl::Span<const double> SizeBounds() { return kSizes; }

Registry::Metric& Registry::MetricOf(const std::string& name, const std::string& help, Kind kind) {
  Metric& metric = metrics_[name];
  metric.help = help;
  metric.kind = kind;
  return metric;
}

Counter& Registry::AddCounter(const std::string& name, const std::string& help, Labels labels) {
  absl::MutexLock lock(&mutex_);
  return AddCell(MetricOf(name, help, Kind::kCounter).counters[std::move(labels)], std::make_unique<Counter>());
}

Gauge& Registry::AddGauge(const std::string& name, const std::string& help, Labels labels) {
  absl::MutexLock lock(&mutex_);
  return AddCell(MetricOf(name, help, Kind::kGauge).gauges[std::move(labels)], std::make_unique<Gauge>());
}

Histogram& Registry::AddHistogram(const std::string& name, const std::string& help, absl::Span<const double> bounds,
                                  Labels labels) {
  absl::MutexLock lock(&mutex_);
  return AddCell(MetricOf(name, help, Kind::kHistogram).histograms[std::move(labels)],
                 std::make_unique<Histogram>(bounds));
}

void Registry::AddReadings(const std::string& name, const std::string& help, Kind kind, Read read) {
  absl::MutexLock lock(&mutex_);
  MetricOf(name, help, kind).reads.push_back(std::move(read));
}

void Registry::AddReading(const std::string& name, const std::string& help, Kind kind, std::function<double()> read) {
  AddReadings(name, help, kind,
              [read = std::move(read)] { return std::vector<Reading>{{.labels = {}, .value = read()}}; });
}

std::vector<Family> Registry::Collect() const {
  std::vector<Family> families;
  // The readings are taken without the lock: they may wait for a disk, while others add.
  std::vector<std::pair<size_t, Read>> reads;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [name, metric] : metrics_) {
      families.push_back({.name = name, .help = metric.help, .kind = metric.kind});
      CollectCells(metric, families.back().samples);
      for (const Read& read : metric.reads) reads.emplace_back(families.size() - 1, read);
    }
  }
  for (const auto& [family, read] : reads) {
    for (Reading& reading : read()) {
      families[family].samples.push_back({.labels = std::move(reading.labels), .value = reading.value});
    }
  }
  return families;
}

void Registry::CollectCells(const Metric& metric, std::vector<Sample>& samples) {
  for (const auto& [labels, cells] : metric.counters) {
    Sample& sample = samples.emplace_back(Sample{.labels = labels});
    for (const auto& cell : cells) sample.value += static_cast<double>(cell->value());
  }
  for (const auto& [labels, cells] : metric.gauges) {
    Sample& sample = samples.emplace_back(Sample{.labels = labels});
    for (const auto& cell : cells) sample.value += static_cast<double>(cell->value());
  }
  for (const auto& [labels, cells] : metric.histograms) {
    Sample& sample = samples.emplace_back(Sample{.labels = labels, .bounds = cells.front()->bounds()});
    sample.counts.resize(sample.bounds.size() + 1);
    for (const auto& cell : cells) {
      const std::vector<uint64_t> counts = cell->counts();
      for (size_t i = 0; i < counts.size(); ++i) sample.counts[i] += counts[i];
      sample.value += cell->sum();
    }
  }
}

}  // namespace roster::metrics
