#ifndef ROSTER_TESTS_PROPERTY_ROUNDS_H_
#define ROSTER_TESTS_PROPERTY_ROUNDS_H_

#include "absl/functional/function_ref.h"
#include "tests/support/random.h"

namespace roster::test {

// Runs `round` with one seed after another, until one fails: `rounds` times, or for ROSTER_PROPERTY_MINUTES where that
// is set. The first seed is a fresh one, or ROSTER_PROPERTY_SEED; a failure tells its seed.
void ForEachSeed(int rounds, absl::FunctionRef<void(Random&)> round);

}  // namespace roster::test

#endif  // ROSTER_TESTS_PROPERTY_ROUNDS_H_
