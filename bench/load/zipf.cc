#include "bench/load/zipf.h"

#include <algorithm>
#include <cmath>

namespace roster::bench {
namespace {

constexpr double kTheta = 0.99;
// Prime, and larger than any number of users here, so that no two ranks meet.
constexpr int64_t kSpread = 2'147'483'647;

}  // namespace

Zipf::Zipf(int64_t items) : items_(items) {
  for (int64_t rank = 1; rank <= items; ++rank) zeta_ += std::pow(static_cast<double>(rank), -kTheta);
  const double zeta_2 = 1 + std::pow(2.0, -kTheta);
  eta_ = (1 - std::pow(2.0 / static_cast<double>(items), 1 - kTheta)) / (1 - zeta_2 / zeta_);
}

int64_t Zipf::NextRank() {
  const double u = std::uniform_real_distribution<double>(0, 1)(random_);
  if (u * zeta_ < 1) return 0;
  if (u * zeta_ < 1 + std::pow(0.5, kTheta)) return std::min<int64_t>(1, items_ - 1);
  const double rank = static_cast<double>(items_) * std::pow(eta_ * u - eta_ + 1, 1 / (1 - kTheta));
  return std::clamp<int64_t>(static_cast<int64_t>(rank), 0, items_ - 1);
}

int64_t Zipf::Next() { return static_cast<int64_t>(static_cast<__int128>(NextRank()) * kSpread % items_); }

}  // namespace roster::bench
