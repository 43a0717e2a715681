#ifndef ROSTER_BASE_SIPHASH_H_
#define ROSTER_BASE_SIPHASH_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace roster {

struct SipHashKey {
  uint64_t k0 = 0;
  uint64_t k1 = 0;
};

// SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): a 64-bit keyed hash that whoever does
// not know the key cannot make collide. The same on every machine.
uint64_t SipHash(const SipHashKey& key, absl::string_view bytes);

}  // namespace roster

#endif  // ROSTER_BASE_SIPHASH_H_
