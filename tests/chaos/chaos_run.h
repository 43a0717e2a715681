#ifndef ROSTER_TESTS_CHAOS_CHAOS_RUN_H_
#define ROSTER_TESTS_CHAOS_CHAOS_RUN_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/support/roster_processes.h"

namespace roster::test::chaos {

struct ChaosOptions {
  LogKind log_kind = LogKind::kEmbedded;
  absl::Duration length = absl::Minutes(5);
  uint64_t seed = 1;
  int callers = 12;
  // Only what has this in its name goes wrong; empty: everything.
  std::string only;
  // Asked again and again: whether nothing more is to go wrong.
  std::function<bool()> interrupted = [] { return false; };
  // Everything that the run writes goes here, and stays.
  std::string folder;
};

// The record within the folder of a run.
std::string RecordPath(const std::string& folder);

// Starts a deployment, puts load on it, lets things go wrong, mends everything, and records it all. Prints what happens
// while it happens. An error where the services did not come back, or did not finish, once all was mended: that is a
// fault of Roster's too.
absl::Status RunChaos(const ChaosOptions& options);

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_CHAOS_RUN_H_
