#ifndef ROSTER_BASE_TOKEN_H_
#define ROSTER_BASE_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace roster {

// What a token is for. Part of the token, so that one kind is never taken for another. Never renumber.
enum class TokenKind : uint8_t { kConsistency = 1, kPage = 2, kResume = 3 };

// Makes an opaque, URL-safe token of `payload`. The checksum in it finds slips of the hand and tokens cut short; it is
// no signature: whoever opens a token must check what is in it.
std::string SealToken(TokenKind kind, absl::string_view payload);

// The payload of a token made by SealToken with the same kind. INVALID_ARGUMENT where it is none, which
// says so in words for the caller of an RPC.
absl::StatusOr<std::string> OpenToken(TokenKind kind, absl::string_view token);

// Longest token that is looked at. Room for a position of about 700 partitions.
inline constexpr size_t kMaxTokenBytes = 8192;

// Builds payloads: integers as varints, strings with their length before them.
class TokenWriter {
 public:
  void Int(uint64_t value);
  void String(absl::string_view value);
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads what TokenWriter wrote, and nothing else: each payload has one spelling. After a failed read every later one
// fails too, and `ok()` is false.
class TokenReader {
 public:
  explicit TokenReader(absl::string_view bytes) : rest_(bytes) {}

  uint64_t Int();
  std::string String();
  // What was read makes no sense.
  void Fail() { ok_ = false; }
  // Whether nothing failed.
  bool ok() const { return ok_; }
  // Whether nothing failed and nothing is left.
  bool Finished() const { return ok_ && rest_.empty(); }

 private:
  absl::string_view rest_;
  bool ok_ = true;
};

}  // namespace roster

#endif  // ROSTER_BASE_TOKEN_H_
