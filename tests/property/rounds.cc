#include "tests/property/rounds.h"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace roster::test {
namespace {

template <typename T>
bool ReadVariable(const char* name, T& value) {
  const char* const text = std::getenv(name);
  if (text == nullptr) return false;
  EXPECT_TRUE(absl::SimpleAtoi(text, &value)) << name << " is no number";
  return true;
}

}  // namespace

void ForEachSeed(int rounds, absl::FunctionRef<void(Random&)> round) {
  uint64_t seed = std::random_device()() % 1'000'000'000;
  ReadVariable("ROSTER_PROPERTY_SEED", seed);
  int minutes = 0;
  const bool by_time = ReadVariable("ROSTER_PROPERTY_MINUTES", minutes);
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(minutes);
  int done = 0;
  for (; by_time ? std::chrono::steady_clock::now() < end : done < rounds; ++done, ++seed) {
    SCOPED_TRACE(absl::StrCat("ROSTER_PROPERTY_SEED=", seed, " begins with this round"));
    Random random(seed);
    round(random);
    if (testing::Test::HasFailure()) return;
  }
  std::cout << done << " rounds, the last with seed " << seed - 1 << std::endl;
}

}  // namespace roster::test
