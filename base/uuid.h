#ifndef ROSTER_BASE_UUID_H_
#define ROSTER_BASE_UUID_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/random/random.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"

namespace roster {

// Makes UUIDs of version 7 (RFC 9562, method 3: the 12 bits after the version count on within a millisecond), in lower
// case. Each is greater than the one before it from the same generator, also when the clock goes back.
//
// Thread safety: none; one generator a thread.
class UuidV7Generator {
 public:
  // `clock` must outlive the generator.
  explicit UuidV7Generator(const Clock& clock) : clock_(clock) {}

  std::string Next();

 private:
  const Clock& clock_;
  absl::BitGen random_;
  // Milliseconds in the upper bits, the 12-bit counter below.
  uint64_t last_tick_ = 0;
};

// Whether `text` has the form of a UUID in lower case.
bool IsUuid(absl::string_view text);

// When a UUID of version 7 was made, in milliseconds since 1970: 48 bits. Absent where `text` is none in lower case.
std::optional<uint64_t> MillisOfUuidV7(absl::string_view text);

}  // namespace roster

#endif  // ROSTER_BASE_UUID_H_
