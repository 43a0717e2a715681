#ifndef ROSTER_READ_MODEL_READER_H_
#define ROSTER_READ_MODEL_READER_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/position.h"
#include "read-model/folder.h"
#include "read-model/user_scan.h"

namespace roster::read_model {

// What is true of a snapshot as a whole.
struct Head {
  Position position;
  // Every event recorded before this time is there. Absent: the file has never reached the log's end.
  std::optional<absl::Time> fresh_as_of;
  // For each partition, from where on changes are complete.
  std::vector<int64_t> changes_from_offsets;
  // When something older than the position was last applied after all; 0: never.
  int64_t older_applied_at_us = 0;
};

// A user as stored. `user` and the other views are valid until the next call on the snapshot.
struct UserRow {
  // The serialised roster.v1.User.
  absl::string_view user;
  // v1::UserStatus.
  int status = 0;
  // Set by scans that ask for it.
  absl::string_view user_id;
};

// A user's event on the log, within the changes kept.
struct Change {
  int64_t offset = 0;
  int64_t user_row = 0;
};

struct DeadLetterSummary {
  int64_t open = 0;
  // Whom they concern, those with the oldest letters first.
  std::vector<std::string> user_ids;
};

struct ReadConnection;

// One state of one file: all that is read through it is from between the same two commits. Short-lived: while it is
// held, the file's write-ahead log cannot be wound up, so never keep one over a wait.
//
// Errors: as Reader::Begin.
//
// Thread safety: that of its reader.
class Snapshot {
 public:
  Snapshot(Snapshot&& other) noexcept;
  Snapshot& operator=(Snapshot&&) = delete;
  ~Snapshot();

  const Head& head() const;
  // The position as the API's token.
  const std::string& consistency_token() const;

  // Absent where there was never such a user. Deleted ones are found.
  absl::StatusOr<std::optional<UserRow>> FindUser(absl::string_view user_id);
  // The live user who owns the address (in ASCII lower case): of several, the one with the highest sequence.
  absl::StatusOr<std::optional<UserRow>> FindUserByEmail(absl::string_view email_key);
  absl::StatusOr<std::optional<UserRow>> FindUserByRow(int64_t user_row);

  // Hands users that match `scan` to `visit`, in its order, from `from` on (absent: from the first), until `visit`
  // returns false (it has not taken that one), or `max_examined` rows were looked at. Returns where to go on; absent
  // where there are no more.
  absl::StatusOr<std::optional<UserKey>> ScanUsers(const UserScan& scan, const std::optional<UserKey>& from,
                                                   int max_examined,
                                                   absl::FunctionRef<bool(const UserRow& user)> visit);

  // Changes of a partition in order, from `from_offset` on.
  absl::StatusOr<std::vector<Change>> ReadChanges(int32_t partition, int64_t from_offset, int max_rows);

  // Whether a dead letter that is open stands before `below` and concerns `user_id` (absent: anybody).
  absl::StatusOr<bool> HasOpenDeadLetter(const Position& below, std::optional<absl::string_view> user_id);
  absl::StatusOr<DeadLetterSummary> SummarizeDeadLetters(int max_user_ids);
  // By v1::UserStatus.
  absl::StatusOr<std::map<int, int64_t>> CountUsers();

 private:
  friend class Reader;
  explicit Snapshot(ReadConnection& connection) : connection_(&connection) {}

  ReadConnection* connection_;
};

// Reads the live generation of a read model, and follows it to the next one: no call fails because it is replaced.
// Opens nothing before the first Begin, and takes what it finds: no folder, no file, a file made anew. Writes nothing
// but SQLite's own -shm file.
//
// Thread safety: one thread; any number of readers, in any number of processes, beside one writer.
class Reader {
 public:
  explicit Reader(Folder folder);
  ~Reader();

  // The present state. At most one snapshot of a reader at a time.
  // NOT_FOUND: there is no read model yet. UNAVAILABLE: it cannot be read at present. DATA_LOSS: the file is damaged.
  // FAILED_PRECONDITION: it may not be opened, or is of another schema. After each the next Begin starts from scratch.
  absl::StatusOr<Snapshot> Begin();

  // Makes the next Begin look for a new generation. Else it looks every 10 ms: a look costs as much as a read.
  void LookAgain() { next_look_ = {}; }

 private:
  absl::Status Follow();
  absl::Status OpenGeneration(int64_t generation);

  const Folder folder_;
  std::unique_ptr<ReadConnection> connection_;
  std::chrono::steady_clock::time_point next_look_;
};

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_READER_H_
