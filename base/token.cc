#include "base/token.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/siphash.h"

namespace roster {
namespace {

constexpr char kFormatVersion = 1;
constexpr size_t kHeaderBytes = 2;
constexpr size_t kChecksumBytes = 4;

std::string Checksum(absl::string_view bytes) {
  uint64_t hash = SipHash({}, bytes);
  std::string checksum;
  for (size_t i = 0; i < kChecksumBytes; ++i, hash >>= 8) checksum.push_back(static_cast<char>(hash & 0xff));
  return checksum;
}

absl::Status NoToken() { return absl::InvalidArgumentError("is not a token of this service, or was cut short"); }

}  // namespace

std::string SealToken(TokenKind kind, absl::string_view payload) {
  std::string bytes;
  bytes.reserve(kHeaderBytes + payload.size() + kChecksumBytes);
  bytes.push_back(kFormatVersion);
  bytes.push_back(static_cast<char>(kind));
  absl::StrAppend(&bytes, payload);
  bytes.append(Checksum(bytes));
  return absl::WebSafeBase64Escape(bytes);
}

absl::StatusOr<std::string> OpenToken(TokenKind kind, absl::string_view token) {
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(token, &bytes)) return NoToken();
  if (bytes.size() < kHeaderBytes + kChecksumBytes) return NoToken();
  const absl::string_view sealed(bytes.data(), bytes.size() - kChecksumBytes);
  if (Checksum(sealed) != bytes.substr(sealed.size()) || sealed[0] != kFormatVersion) return NoToken();
  if (sealed[1] != static_cast<char>(kind)) return absl::InvalidArgumentError("is a token of another kind");
  return std::string(sealed.substr(kHeaderBytes));
}

void TokenWriter::Int(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>((value & 0x7f) | 0x80));
  bytes_.push_back(static_cast<char>(value));
}

void TokenWriter::String(absl::string_view value) {
  Int(value.size());
  absl::StrAppend(&bytes_, value);
}

uint64_t TokenReader::Int() {
  uint64_t value = 0;
  for (int shift = 0; ok_ && shift < 64; shift += 7) {
    if (rest_.empty()) break;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    // A last byte of 0, or with more bits than there are left, is not how TokenWriter spells a number.
    const bool overlong = shift > 0 && byte == 0;
    const bool overflows = shift == 63 && byte > 1;
    if (overlong || overflows) break;
    value |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  ok_ = false;
  return 0;
}

std::string TokenReader::String() {
  const uint64_t length = Int();
  if (!ok_ || length > rest_.size()) {
    ok_ = false;
    return "";
  }
  std::string value(rest_.substr(0, length));
  rest_.remove_prefix(length);
  return value;
}

}  // namespace roster
