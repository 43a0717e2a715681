#ifndef ROSTER_READ_MODEL_WRITER_H_
#define ROSTER_READ_MODEL_WRITER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/position.h"
#include "read-model/dead_letter.h"
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

// Writes one read-model file (one generation). Everything between Begin and Commit is one SQLite transaction, the
// position included: after a crash at any point the file holds whole batches, each once. Calls that write need a Begin
// before.
//
// Errors: UNAVAILABLE for what may pass (a full disk, a locked file): roll back, and begin again from ReadCheckpoint;
// DATA_LOSS for a damaged file; FAILED_PRECONDITION for a file of another schema, or one that cannot be opened or
// written by this process. A file that is removed is made anew from the log.
//
// Thread safety: one thread. Only the holder of Folder::LockPath may open one.
class Writer {
 public:
  // Opens the file, or makes it with tables and indexes where there is none. Its -wal and -shm files stay when it is
  // closed, so that readers without the right to write can still open it.
  static absl::StatusOr<std::unique_ptr<Writer>> Open(const std::string& database_path);
  // Makes the file of a generation that is not live yet: without the indexes that only readers need, without journal
  // and fsync, several times as fast. Nothing else opens such a file before CompleteNew, and after any error it is only
  // good for removal.
  static absl::StatusOr<std::unique_ptr<Writer>> MakeNew(const std::string& database_path);
  // Makes the indexes of a file of MakeNew, and closes and fsyncs it: from then on it is as one of Open's. CANCELLED
  // soon after `keep_going` turned false.
  static absl::Status CompleteNew(std::unique_ptr<Writer> writer, absl::FunctionRef<bool()> keep_going);
  // Rolls back what was not committed.
  ~Writer();

  // Where the fold stands.
  absl::StatusOr<Checkpoint> ReadCheckpoint();

  absl::Status Begin();
  absl::Status Commit();
  // Harmless where nothing has begun.
  void Rollback();

  // Applies `event`, which stands at (partition, offset), where its user_version is above the user's: sets the row, the
  // counts and a change. `now` is when it was folded.
  absl::StatusOr<Applied> Apply(const v1::UserEvent& event, int32_t partition, int64_t offset, absl::Time now);
  // Sets the position, and the log's identity with it. One checksum a partition.
  absl::Status SetCheckpoint(const Checkpoint& checkpoint);
  // States that every event recorded before this time is in the file.
  absl::Status SetFreshAsOf(absl::Time fresh_as_of);

  // Drops changes folded before `horizon`, the oldest first, at most `max_rows` in each partition, and returns how
  // many.
  absl::StatusOr<int> PruneChanges(absl::Time horizon, int max_rows);
  // Keeps no changes before these offsets, one a partition: nobody may resume from there. TakeOver declares them.
  void OmitChangesBefore(std::vector<int64_t> offsets);
  // Takes over from another generation that stands at the same position what the log does not tell: up to when it is
  // complete, from where on changes are kept, which dead letters are copied and which an operator has discarded.
  // Outside of Begin and Commit.
  absl::Status TakeOver(const std::string& database_path);
  // Writes everything committed into the database file itself, fsynced.
  absl::Status Sync();

  // Declares the changes before the present position incomplete: to be called when something older was applied after
  // all.
  absl::Status MoveChangesHorizonToPosition();

  // Keeps a record that could not be folded, open. One that is there already stays as it is.
  absl::Status AddDeadLetter(const DeadLetter& letter, absl::Time now);
  // Absent where there is none.
  absl::StatusOr<std::optional<StoredDeadLetter>> ReadDeadLetter(DeadLetterId id);
  // Open ones after `after` (nothing: from the first), in order of partition and offset.
  absl::StatusOr<std::vector<DeadLetterId>> ListOpenDeadLetters(std::optional<DeadLetterId> after, int max_rows);
  absl::Status SetDeadLetterState(DeadLetterId id, DeadLetterState state);
  absl::Status MarkDeadLetterCopied(DeadLetterId id);

 private:
  struct Parts;
  explicit Writer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_WRITER_H_
