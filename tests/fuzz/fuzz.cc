#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "google/protobuf/stubs/logging.h"

namespace roster::fuzz {
namespace {

absl::string_view present_input;

// Protobuf writes a line on stderr for each malformed string.
[[maybe_unused]] const bool quiet = [] {
  google::protobuf::SetLogHandler(nullptr);
  return true;
}();

}  // namespace

std::map<std::string, Fuzzer>& Fuzzers() {
  static auto* const fuzzers = new std::map<std::string, Fuzzer>;
  return *fuzzers;
}

void RunOne(Fuzzer fuzzer, absl::string_view input) {
  present_input = input;
  fuzzer(input);
}

void Fail(const char* file, int line, const std::string& what) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\ninput: \"%s\"\n", file, line, what.c_str(),
               absl::CHexEscape(present_input.substr(0, 4096)).c_str());
  std::abort();
}

uint8_t InputReader::Byte() {
  if (rest_.empty()) return 0;
  const auto byte = static_cast<uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return byte;
}

uint16_t InputReader::Short() {
  const uint16_t low = Byte();
  return static_cast<uint16_t>(low | Byte() << 8);
}

uint64_t InputReader::Int() {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value |= uint64_t{Byte()} << (8 * i);
  return value;
}

std::string InputReader::Text() {
  const size_t wanted = Byte();
  const size_t length = std::min(wanted, rest_.size());
  std::string text(rest_.substr(0, length));
  rest_.remove_prefix(length);
  return text;
}

std::string InputReader::AsciiText() {
  std::string text = Text();
  for (char& c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return text;
}

absl::string_view InputReader::Rest() {
  const absl::string_view rest = rest_;
  rest_ = {};
  return rest;
}

}  // namespace roster::fuzz
