#include "base/siphash.h"

#include <bit>
#include <cstring>

namespace roster {
namespace {

struct State {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void Absorb(uint64_t word) {
    v3 ^= word;
    Round();
    Round();
    v0 ^= word;
  }
};

uint64_t LoadLittleEndian(const char* bytes, size_t count) {
  uint64_t word = 0;
  // An empty view may have a null pointer, which memcpy must not be given.
  if (count > 0) std::memcpy(&word, bytes, count);
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

}  // namespace

uint64_t SipHash(const SipHashKey& key, absl::string_view bytes) {
  State state{key.k0 ^ 0x736f6d6570736575ULL, key.k1 ^ 0x646f72616e646f6dULL, key.k0 ^ 0x6c7967656e657261ULL,
              key.k1 ^ 0x7465646279746573ULL};
  const size_t whole = bytes.size() / 8 * 8;
  for (size_t i = 0; i < whole; i += 8) state.Absorb(LoadLittleEndian(bytes.data() + i, sizeof(uint64_t)));
  const uint64_t length = uint64_t{bytes.size()} << 56;
  state.Absorb(length | LoadLittleEndian(bytes.data() + whole, bytes.size() - whole));
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.Round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace roster
