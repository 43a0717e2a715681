#ifndef ROSTER_READ_MODEL_WRITER_H_
#define ROSTER_READ_MODEL_WRITER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/position.h"
#include "roster/v1/user_event.pb.h"

namespace roster::read_model {

// Whether an event was applied.
enum class Applied {
  kYes,
  // The user already has this version or a higher one, by the same event or a later one: a repeat.
  kOutdated,
  // The user has this very version, by an event with another id. Nothing was changed.
  kVersionConflict,
};

// A record that could not be folded, with its raw bytes.
struct DeadLetter {
  int32_t partition = 0;
  int64_t offset = 0;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::string>> headers;
  // Key that may be a user_id: whom the record may concern.
  std::optional<std::string> user_id;
  // Of user-event/sort_record.h.
  std::string reason;
  std::string message;
};

// Writes one read-model file (one generation). Everything between Begin and Commit is one SQLite transaction, the position
// included: after a crash at any point the file holds whole batches, each once.
//
// Errors: UNAVAILABLE for what may pass (a full disk, a locked file): roll back and try again; DATA_LOSS for a damaged file:
// rebuild; FAILED_PRECONDITION for a file of another schema.
//
// Thread safety: one thread. Only the holder of Folder::LockPath may open one.
class Writer {
 public:
  // Opens the file, or makes it with tables and indexes where there is none. Use `now` for all times of folding.
  static absl::StatusOr<std::unique_ptr<Writer>> Open(const std::string& database_path);
  ~Writer();

  // Where the fold stands.
  absl::StatusOr<Checkpoint> ReadCheckpoint();

  absl::Status Begin();
  // Sets rows, status counts and a change from `event`, which stands at (partition, offset).
  absl::StatusOr<Applied> Apply(const v1::UserEvent& event, int32_t partition, int64_t offset, absl::Time now);
  // Keeps a record that could not be folded, open.
  absl::Status AddDeadLetter(const DeadLetter& letter, absl::Time now);
  // Sets the position, and the log's identity with it.
  absl::Status SetCheckpoint(const Checkpoint& checkpoint);
  absl::Status SetFreshAsOf(absl::Time fresh_as_of);
  // Drops changes folded before `horizon`, at most `max_rows` of them.
  absl::Status PruneChanges(absl::Time horizon, int max_rows);
  absl::Status Commit();
  void Rollback();

 private:
  struct Parts;
  explicit Writer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_WRITER_H_
