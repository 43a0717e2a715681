#ifndef ROSTER_BENCH_STAGE_H_
#define ROSTER_BENCH_STAGE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bench/figure.h"
#include "bench/load/load_users.h"
#include "bench/settings.h"
#include "tests/support/roster_processes.h"

namespace roster::bench {

// What the figures share: the services as processes on a new log, its users, and the results. A figure asks for what it
// needs, which is made by the first that asks; so each can be measured alone.
//
// Thread safety: one thread.
class Stage {
 public:
  explicit Stage(const Settings& settings);

  const Settings& settings() const { return settings_; }
  test::RosterProcesses& roster() { return roster_; }

  // Nothing of it runs yet. On a new log of the same kind.
  std::unique_ptr<test::RosterProcesses> AnotherRoster() const;

  // Signs settings.users users up, at the first call. The command service runs afterwards.
  absl::StatusOr<const LoadedUsers*> Loaded();
  // The same, with a projector and a query service that run, and have folded all that was written by then.
  absl::StatusOr<const LoadedUsers*> Readable();
  // Ends the query service and the projector where they run: leaves the machine to the others.
  absl::Status StopReads();
  void StartProjector();
  absl::Status StopProjector();
  // The file of the live generation.
  absl::StatusOr<std::string> ReadModelFile() const;

  // The writer's position after all that was written so far, as a token.
  absl::StatusOr<std::string> LastToken();
  // Waits until the read model holds what `token` stands for. For long folds.
  absl::Status AwaitFolded(const std::string& token) const;

  // A person (people.h) who was not signed up yet.
  int64_t NextPerson() { return next_person_++; }

  // MeasureFigure, told on standard error, and added to the figures.
  absl::StatusOr<Figure> Measure(const Measurement& measured, const std::vector<Measurement>& ceilings,
                                 WarmUp warm_up = WarmUp::kYes);
  // The same for latencies at a rate that is given: only p50 and p99 become figures, each beside the sum of the same
  // quantile of all ceilings.
  absl::Status MeasureLatencies(const Measurement& measured, const std::vector<Measurement>& ceilings);
  void Add(Figure figure) { figures_.push_back(std::move(figure)); }
  const std::vector<Figure>& figures() const { return figures_; }

 private:
  const Settings settings_;
  test::RosterProcesses roster_;
  bool projector_runs_ = false;
  bool queries_run_ = false;
  std::optional<LoadedUsers> loaded_;
  int64_t next_person_;
  std::vector<Figure> figures_;
};

// On standard error.
void Say(const std::string& what);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_STAGE_H_
