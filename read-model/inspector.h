#ifndef ROSTER_READ_MODEL_INSPECTOR_H_
#define ROSTER_READ_MODEL_INSPECTOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/position.h"
#include "read-model/dead_letter.h"
#include "read-model/folder.h"

namespace roster::read_model {

// What is true of a read model as a whole.
struct Summary {
  Position position;
  // Absent until the fold has once reached the log's end.
  std::optional<absl::Time> fresh_as_of;
  // Number of users by roster.v1.UserStatus.
  std::map<int, int64_t> users_by_status;
  // By DeadLetterState.
  std::map<DeadLetterState, int64_t> dead_letters;
  int64_t generation = 0;
  // When the generation was begun; absent in files of an older schema.
  std::optional<absl::Time> made_at;
  // Where the fold stands, as a log's reader takes it.
  Checkpoint checkpoint;
};

// A dead letter without its bytes.
struct DeadLetterRow {
  DeadLetterId id;
  std::optional<std::string> user_id;
  std::string reason;
  std::string message;
  absl::Time folded_at;
  DeadLetterState state = DeadLetterState::kOpen;
  bool copied = false;
  // Absent where the record had no value.
  std::optional<int64_t> value_bytes;
};

// By which two folds of one log are compared.
struct Digest {
  Position position;
  int64_t users = 0;
  // 128 bits in hexadecimal, over all that is kept of each user; whatever the order in which they came.
  std::string users_digest;

  friend bool operator==(const Digest&, const Digest&) = default;
};

// Looks at the live generation of a read model, for operators and for upkeep. Needs no lock, and no running projector.
//
// Errors: NOT_FOUND where there is no read model yet; else as Writer.
//
// Thread safety: one thread.
class Inspector {
 public:
  static absl::StatusOr<std::unique_ptr<Inspector>> Open(const Folder& folder);
  ~Inspector();

  absl::StatusOr<Summary> Summarize();

  // Dead letters in order of partition and offset, from the first one after `after` on; only the open ones where
  // `only_open`.
  absl::StatusOr<std::vector<DeadLetterRow>> ListDeadLetters(bool only_open, std::optional<DeadLetterId> after,
                                                             int max_rows);
  // Those that are not marked as copied.
  absl::StatusOr<std::vector<DeadLetterId>> ListUncopiedDeadLetters(std::optional<DeadLetterId> after, int max_rows);
  // Absent where there is none.
  absl::StatusOr<std::optional<StoredDeadLetter>> ReadDeadLetter(DeadLetterId id);

  // Reads all users, in one snapshot with the position.
  absl::StatusOr<Digest> ComputeDigest();

 private:
  struct Parts;
  explicit Inspector(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_INSPECTOR_H_
