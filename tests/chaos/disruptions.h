#ifndef ROSTER_TESTS_CHAOS_DISRUPTIONS_H_
#define ROSTER_TESTS_CHAOS_DISRUPTIONS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/chaos/deployment.h"
#include "tests/support/random.h"

namespace roster::test::chaos {

// A kind of thing that goes wrong.
struct Disruption {
  std::string name;
  // How long it lasts: between these, in milliseconds.
  int shortest_ms;
  int longest_ms;
  // Makes it happen to something chosen by chance, and returns what ends it. Adds to `target` whom it hit.
  std::function<std::function<void()>(Deployment& deployment, Random& random, std::string& target)> begin;
};

// All that can happen to a deployment on this log.
std::vector<Disruption> AllDisruptions(LogKind log_kind);

// When what happens. Made from the seed alone, so that a seed repeats a schedule; who leads at the time, and so whom
// "the leader" hits, is another matter.
struct Scheduled {
  absl::Duration at;
  absl::Duration lasts;
  // Index in AllDisruptions.
  size_t disruption;
  // For what it decides by chance.
  uint64_t seed;
};

// Each kind once in random order, then again, until `length` is over: begun 2 to 8 seconds apart, so that some overlap.
std::vector<Scheduled> MakeSchedule(const std::vector<Disruption>& disruptions, uint64_t seed, absl::Duration length);

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_DISRUPTIONS_H_
