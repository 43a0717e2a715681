#include "base/uuid.h"

namespace roster {
namespace {

constexpr int kCounterBits = 12;
constexpr char kHexDigits[] = "0123456789abcdef";

bool IsDash(size_t index) { return index == 8 || index == 13 || index == 18 || index == 23; }

// 32 hexadecimal digits with dashes between.
std::string Format(uint64_t high, uint64_t low) {
  std::string text;
  text.reserve(36);
  for (int digit = 0; digit < 32; ++digit) {
    if (IsDash(text.size())) text.push_back('-');
    const uint64_t word = digit < 16 ? high : low;
    text.push_back(kHexDigits[(word >> (60 - 4 * (digit % 16))) & 0xf]);
  }
  return text;
}

}  // namespace

std::string UuidV7Generator::Next() {
  const auto now_ms = static_cast<uint64_t>(absl::ToUnixMillis(clock_.Now()));
  // A random start within the first half of the counter leaves 2048 ids a millisecond before ids run ahead of the
  // clock.
  const uint64_t fresh_tick = (now_ms << kCounterBits) | absl::Uniform<uint64_t>(random_, 0, 1 << (kCounterBits - 1));
  const bool same_millisecond_or_earlier = (last_tick_ >> kCounterBits) >= now_ms;
  last_tick_ = same_millisecond_or_earlier ? last_tick_ + 1 : fresh_tick;
  const uint64_t milliseconds = last_tick_ >> kCounterBits;
  const uint64_t counter = last_tick_ & ((1 << kCounterBits) - 1);
  const uint64_t high = (milliseconds << 16) | (0x7ULL << 12) | counter;
  const uint64_t low = (0x2ULL << 62) | (absl::Uniform<uint64_t>(random_) >> 2);
  return Format(high, low);
}

bool IsUuid(absl::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (IsDash(i) ? text[i] != '-' : !hex) return false;
  }
  return true;
}

std::optional<uint64_t> MillisOfUuidV7(absl::string_view text) {
  if (!IsUuid(text) || text[14] != '7') return std::nullopt;
  uint64_t millis = 0;
  for (const size_t i : {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12}) {
    millis = millis << 4 | static_cast<uint64_t>(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
  }
  return millis;
}

}  // namespace roster
