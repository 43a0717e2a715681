#ifndef ROSTER_TESTS_SUPPORT_RANDOM_H_
#define ROSTER_TESTS_SUPPORT_RANDOM_H_

#include <cstdint>
#include <random>
#include <vector>

namespace roster::test {

// Choices by chance: the same ones for the same seed on every platform, unlike those of std::uniform_int_distribution.
//
// Thread safety: one thread.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}

  // From 0 to `limit` - 1.
  template <typename Integer>
  Integer Below(Integer limit) {
    return static_cast<Integer>(engine_() % static_cast<uint64_t>(limit));
  }
  // Once in `times`.
  bool OneIn(int times) { return Below(times) == 0; }
  uint64_t Bits() { return engine_(); }
  template <typename T>
  const T& Of(const std::vector<T>& choices) {
    return choices.at(Below(choices.size()));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_SUPPORT_RANDOM_H_
