#ifndef ROSTER_BENCH_SETTINGS_H_
#define ROSTER_BENCH_SETTINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace roster::bench {

// What a run measures, and how long. The flags of the same names are declared in main.cc.
struct Settings {
  // How long one measurement takes, and how long the same is done before it without being counted.
  double seconds = 5;
  double warm_up_seconds = 1;
  // How often each figure is measured, in turn with its ceilings.
  int repeats = 3;
  // Loaded before anything else is measured.
  int64_t users = 100'000;
  // Open WatchUsers calls, and changes a second while they are open.
  int watchers = 1000;
  int changes_per_second = 1000;
  // "embedded" or "kafka".
  std::string log = "embedded";
  // HOST:PORT[,HOST:PORT...], for "kafka".
  std::string brokers;
  // Only figures whose names contain one of these, in whatever case; empty: all.
  std::vector<std::string> only;
  // "table" or "json".
  std::string output = "table";

  bool on_kafka() const { return log == "kafka"; }
  absl::Duration duration() const { return absl::Seconds(seconds); }
  absl::Duration warm_up() const { return absl::Seconds(warm_up_seconds); }
};

}  // namespace roster::bench

#endif  // ROSTER_BENCH_SETTINGS_H_
