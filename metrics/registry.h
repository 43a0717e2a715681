#ifndef ROSTER_METRICS_REGISTRY_H_
#define ROSTER_METRICS_REGISTRY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"

// What a program counts and measures of itself, for Prometheus to scrape (exposer.h). docs/metrics.md lists every
// metric; a test compares it with what the programs export.
namespace roster::metrics {

// Names and values. Values are few and known beforehand: never an e-mail address, a user id or a name.
using Labels = std::vector<std::pair<std::string, std::string>>;

// Goes up only. Each cell is a cache line of its own, so that threads with cells of their own do not slow each other.
//
// Thread safety: safe from any thread; one atomic addition, no lock.
class alignas(64) Counter {
 public:
  void Add(uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_ = 0;
};

// A whole number that goes up and down. As Counter.
class alignas(64) Gauge {
 public:
  void Set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void Add(int64_t change) { value_.fetch_add(change, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_ = 0;
};

// How values are distributed over buckets, with their sum.
//
// Thread safety: safe from any thread; two atomic additions, no lock.
class Histogram {
 public:
  // `bounds`: upper bounds of the buckets, ascending, each part of its bucket; one more takes what is above.
  explicit Histogram(absl::Span<const double> bounds);

  void Observe(double value);

  const std::vector<double>& bounds() const { return bounds_; }
  // One more than bounds.
  std::vector<uint64_t> counts() const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  const std::vector<double> bounds_;
  const std::unique_ptr<std::atomic<uint64_t>[]> counts_;
  std::atomic<double> sum_ = 0;
};

// Seconds, for histograms of calls and of what they wait for: from 100 us to 10 s.
absl::Span<const double> DurationBounds();
// How many, for histograms of batches: powers of two to 1024, and of ten beyond.
absl::Span<const double> SizeBounds();

enum class Kind { kCounter, kGauge, kHistogram };

// One value as it stood when it was collected.
struct Sample {
  Labels labels;
  // Of a counter or a gauge; the sum of a histogram.
  double value = 0;
  // Of a histogram: as Histogram has them.
  std::vector<double> bounds;
  std::vector<uint64_t> counts;
};

// All samples of one metric.
struct Family {
  std::string name;
  std::string help;
  Kind kind = Kind::kGauge;
  std::vector<Sample> samples;
};

// The metrics of one program. Whoever records something adds it once, and keeps the reference: recording looks nothing
// up. What is added again under the same name and labels is a further cell, and the cells' sum is exported: so each
// thread can have its own. What is added lives as long as the registry.
//
// Thread safety: safe from any thread.
class Registry {
 public:
  Counter& AddCounter(const std::string& name, const std::string& help, Labels labels = {});
  Gauge& AddGauge(const std::string& name, const std::string& help, Labels labels = {});
  Histogram& AddHistogram(const std::string& name, const std::string& help, absl::Span<const double> bounds,
                          Labels labels = {});

  // Values that are asked for whenever metrics are collected, on the thread that collects: `read` must be safe there,
  // and callable as long as anybody collects. A value that is not known just now is left out.
  struct Reading {
    Labels labels;
    double value = 0;
  };
  using Read = std::function<std::vector<Reading>()>;
  void AddReadings(const std::string& name, const std::string& help, Kind kind, Read read);
  // The same for one value that is always known.
  void AddReading(const std::string& name, const std::string& help, Kind kind, std::function<double()> read);

  // Everything, in order of names.
  std::vector<Family> Collect() const;

 private:
  // Cells that are summed.
  template <typename Cell>
  using Cells = std::map<Labels, std::vector<std::unique_ptr<Cell>>>;
  struct Metric {
    std::string help;
    Kind kind = Kind::kGauge;
    Cells<Counter> counters;
    Cells<Gauge> gauges;
    Cells<Histogram> histograms;
    std::vector<Read> reads;
  };

  Metric& MetricOf(const std::string& name, const std::string& help, Kind kind) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void CollectCells(const Metric& metric, std::vector<Sample>& samples);

  mutable absl::Mutex mutex_;
  std::map<std::string, Metric> metrics_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::metrics

#endif  // ROSTER_METRICS_REGISTRY_H_
