#ifndef ROSTER_TESTS_FUZZ_FUZZ_H_
#define ROSTER_TESTS_FUZZ_FUZZ_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"

// A fuzzer is a function over bytes that aborts where a property does not hold:
//
//   ROSTER_FUZZER(headers_codec) { ... input ... }
//
// It is built in two ways: for clang's libFuzzer, a program each (the preset `fuzz`); and for every other build all
// together, in a test that replays the corpora.
namespace roster::fuzz {

using Fuzzer = void (*)(absl::string_view input);

// Those of this program, by name.
std::map<std::string, Fuzzer>& Fuzzers();

// Runs `fuzzer`, with `input` at hand for the message of a failure.
void RunOne(Fuzzer fuzzer, absl::string_view input);

// Says what does not hold, and aborts.
[[noreturn]] void Fail(const char* file, int line, const std::string& what);

// Takes an input apart; what is no longer there counts as zeros. Each call is a statement of its own: compilers differ
// in the order in which they evaluate arguments.
class InputReader {
 public:
  explicit InputReader(absl::string_view input) : rest_(input) {}

  bool empty() const { return rest_.empty(); }
  uint8_t Byte();
  bool Bool() { return (Byte() & 1) != 0; }
  // Of 2 bytes.
  uint16_t Short();
  // Of 8 bytes.
  uint64_t Int();
  // A byte says how long it is.
  std::string Text();
  // The same; characters that are no ASCII are replaced.
  std::string AsciiText();
  absl::string_view Rest();

 private:
  absl::string_view rest_;
};

}  // namespace roster::fuzz

#define FUZZ_CHECK(condition) \
  while (!(condition)) ::roster::fuzz::Fail(__FILE__, __LINE__, #condition)

#ifdef ROSTER_LIBFUZZER
#define ROSTER_REGISTER_FUZZER(name)                                            \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {     \
    ::roster::fuzz::RunOne(&Fuzz, {reinterpret_cast<const char*>(data), size}); \
    return 0;                                                                   \
  }
#else
#define ROSTER_REGISTER_FUZZER(name) \
  [[maybe_unused]] static const bool registered = ::roster::fuzz::Fuzzers().emplace(#name, &Fuzz).second;
#endif

#define ROSTER_FUZZER(name)                    \
  static void Fuzz(::absl::string_view input); \
  ROSTER_REGISTER_FUZZER(name)                 \
  static void Fuzz(::absl::string_view input)

#endif  // ROSTER_TESTS_FUZZ_FUZZ_H_
