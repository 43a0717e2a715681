#ifndef ROSTER_READ_MODEL_DEAD_LETTER_H_
#define ROSTER_READ_MODEL_DEAD_LETTER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace roster::read_model {

// Where a record that became a dead letter stands on the log: its name in the table.
struct DeadLetterId {
  int32_t partition = 0;
  int64_t offset = 0;

  friend auto operator<=>(const DeadLetterId&, const DeadLetterId&) = default;
};

// A record that could not be folded, with its raw bytes.
struct DeadLetter {
  DeadLetterId id;
  // Absent where the record had none.
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
  // The key where it can be a user_id: whom the record may concern.
  std::optional<std::string> user_id;
  // Of user-event/sort_record.h.
  std::string reason;
  std::string message;
};

// Numbers stand in the file: never renumber.
enum class DeadLetterState {
  // Waits for an operator.
  kOpen = 0,
  // Applied after all, or found to be outdated.
  kRedriven = 1,
  // An operator has decided that it does not matter.
  kDiscarded = 2,
};

// A dead letter as it stands in the file.
struct StoredDeadLetter {
  DeadLetter letter;
  absl::Time folded_at;
  DeadLetterState state = DeadLetterState::kOpen;
  // Whether it was copied to the log's dead-letter topic.
  bool copied = false;
};

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_DEAD_LETTER_H_
