#ifndef ROSTER_TESTS_FUZZ_TOKEN_INPUT_H_
#define ROSTER_TESTS_FUZZ_TOKEN_INPUT_H_

#include <string>

#include "base/token.h"
#include "tests/fuzz/fuzz.h"

namespace roster::fuzz {

// The first byte of an input says whether the rest is a token as a caller sends it, or the payload of one: no fuzzer
// guesses a checksum.
inline std::string TokenOf(TokenKind kind, absl::string_view input) {
  InputReader reader(input);
  const bool sealed = reader.Bool();
  return sealed ? SealToken(kind, reader.Rest()) : std::string(reader.Rest());
}

// Whether two tokens say the same, byte for byte; of their base64 there may be several spellings.
inline bool SameToken(TokenKind kind, absl::string_view a, absl::string_view b) {
  return OpenToken(kind, a).value() == OpenToken(kind, b).value();
}

}  // namespace roster::fuzz

#endif  // ROSTER_TESTS_FUZZ_TOKEN_INPUT_H_
