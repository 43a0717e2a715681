#ifndef ROSTER_TESTS_PROPERTY_ROUNDS_H_
#define ROSTER_TESTS_PROPERTY_ROUNDS_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"

namespace roster::test {

// What a round of a property test takes its choices from.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  // From 0 to `below` - 1.
  int Below(int below) { return static_cast<int>(engine_() % static_cast<uint64_t>(below)); }
  // Once in `times`.
  bool OneIn(int times) { return Below(times) == 0; }
  uint64_t Bits() { return engine_(); }
  template <typename T>
  const T& Of(const std::vector<T>& choices) {
    return choices.at(Below(static_cast<int>(choices.size())));
  }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

// Runs `round` with one seed after another, until one fails: `rounds` times, or for ROSTER_PROPERTY_MINUTES where that
// is set. The first seed is a fresh one, or ROSTER_PROPERTY_SEED; a failure tells its seed.
void ForEachSeed(int rounds, absl::FunctionRef<void(Random&)> round);

}  // namespace roster::test

#endif  // ROSTER_TESTS_PROPERTY_ROUNDS_H_
