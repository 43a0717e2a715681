#include "read-model/reader.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/consistency_token.h"
#include "base/error.h"
#include "read-model/read_connection.h"
#include "read-model/schema.h"

namespace roster::read_model {
namespace {

constexpr std::chrono::milliseconds kLookInterval(10);
// Far more than rebuilds can end meanwhile.
constexpr int kFollowAttempts = 5;
// Readers of a WAL file wait for nobody, but while the first one after a crash replays it.
constexpr int kBusyTimeoutMs = 200;

constexpr char kSelectUser[] = "SELECT user, status FROM users WHERE ";

absl::StatusOr<FileState> StateOf(const std::string& path) {
  struct stat found;
  if (stat(path.c_str(), &found) != 0)
    return absl::NotFoundError(absl::StrCat("there is no read model ", path, " yet"));
  return FileState{{found.st_dev, found.st_ino}, found.st_size};
}

// Whether it is the file that was opened, and whole: one cut short must not be read through a mapping of its former
// size.
bool IsSameFile(const FileState& opened, const FileState& now) {
  return opened.identity == now.identity && opened.size_bytes <= now.size_bytes;
}

}  // namespace

ReadConnection::ReadConnection(const std::string& path)
    : path(path),
      database(path, SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, kBusyTimeoutMs),
      hold(database, "SELECT 1 FROM read_model WHERE id = 1"),
      select_head(database, "SELECT log_id, fresh_as_of_us, older_applied_at_us FROM read_model WHERE id = 1"),
      select_partitions(database, "SELECT next_offset, changes_from_offset FROM partitions ORDER BY partition"),
      find_by_id(database, absl::StrCat(kSelectUser, "user_id = ?")),
      find_by_email(database, absl::StrCat(kSelectUser, "email_key = ? ORDER BY sequence DESC LIMIT 1")),
      find_by_row(database, absl::StrCat(kSelectUser, "id = ?")),
      find_key_by_row(database, "SELECT email_key, create_time_us, user_id FROM users WHERE id = ?"),
      select_changes(
          database, "SELECT offset, user_row FROM changes WHERE partition = ? AND offset >= ? ORDER BY offset LIMIT ?"),
      find_dead_letter(database, "SELECT 1 FROM dead_letters WHERE state = 0 AND partition = ? AND offset < ? LIMIT 1"),
      find_dead_letter_of_user(
          database,
          "SELECT 1 FROM dead_letters WHERE state = 0 AND partition = ? AND offset < ? AND user_id = ? LIMIT 1") {
  database.exec("PRAGMA query_only = ON");
  // SQLite takes at most 2 GiB; the rest of a larger file is read in the ordinary way.
  database.exec("PRAGMA mmap_size = 2147418112");
}

SQLite::Statement& ReadConnection::Activate(SQLite::Statement& statement) {
  if (active != nullptr) active->tryReset();
  active = &statement;
  return statement;
}

SQLite::Statement& ReadConnection::ActivateScan(UserOrder order, bool by_status, bool with_keys) {
  const size_t index = static_cast<size_t>(order) * 4 + (by_status ? 2 : 0) + (with_keys ? 1 : 0);
  std::unique_ptr<SQLite::Statement>& scan = scans[index];
  if (scan == nullptr) scan = std::make_unique<SQLite::Statement>(database, UserScanSql(order, by_status, with_keys));
  return Activate(*scan);
}

void ReadConnection::EndSnapshot() {
  if (active != nullptr) active->tryReset();
  active = nullptr;
  hold.tryReset();
}

void ReadConnection::RefreshHead() {
  unsigned version = 0;
  sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_DATA_VERSION, &version);
  if (has_head && version == data_version) return;
  has_head = false;
  Head fresh;
  SQLite::Statement& row = Activate(select_head);
  row.executeStep();
  fresh.position.log_id = row.getColumn(0).getString();
  if (!row.getColumn(1).isNull()) fresh.fresh_as_of = absl::FromUnixMicros(row.getColumn(1).getInt64());
  fresh.older_applied_at_us = row.getColumn(2).getInt64();
  SQLite::Statement& partitions = Activate(select_partitions);
  while (partitions.executeStep()) {
    fresh.position.next_offsets.push_back(partitions.getColumn(0).getInt64());
    fresh.changes_from_offsets.push_back(partitions.getColumn(1).getInt64());
  }
  head = std::move(fresh);
  consistency_token = EncodeConsistencyToken(head.position);
  data_version = version;
  has_head = true;
}

Reader::Reader(Folder folder) : folder_(std::move(folder)) {}
Reader::~Reader() = default;

absl::Status Reader::Follow() {
  for (int attempt = 1;; ++attempt) {
    const absl::StatusOr<std::optional<int64_t>> generation = folder_.CurrentGeneration();
    if (!generation.ok()) return generation.status();
    if (!*generation) return absl::NotFoundError(absl::StrCat("there is no read model in ", folder_.path(), " yet"));
    const absl::Status opened = OpenGeneration(**generation);
    if (opened.ok() || attempt == kFollowAttempts) return opened;
    // Another may have taken its place, and it may be gone, since `current` was read.
    const absl::StatusOr<std::optional<int64_t>> now = folder_.CurrentGeneration();
    if (!now.ok() || *now == *generation) return opened;
  }
}

absl::Status Reader::OpenGeneration(int64_t generation) {
  const std::string path = folder_.DatabasePath(generation);
  ROSTER_ASSIGN_OR_RETURN(const FileState file, StateOf(path));
  if (connection_ != nullptr && !connection_->broken && connection_->generation == generation &&
      IsSameFile(connection_->file, file)) {
    connection_->file = file;
    return absl::OkStatus();
  }
  connection_ = nullptr;
  auto opened = sqlite::Try("cannot open the read model", path, [&] { return std::make_unique<ReadConnection>(path); });
  if (!opened.ok()) return opened.status();
  const auto version = sqlite::Try("cannot read the schema's version",
                                   [&] { return (*opened)->database.execAndGet("PRAGMA user_version").getInt(); });
  if (!version.ok()) return version.status();
  if (!IsReadableSchema(*version)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the read model ", path, " has schema ", *version, ", this program reads ", kOldestReadableSchemaVersion,
        " to ", kSchemaVersion, ": it is made anew by a projector of the same release"));
  }
  connection_ = *std::move(opened);
  connection_->generation = generation;
  connection_->file = file;
  return absl::OkStatus();
}

absl::StatusOr<Snapshot> Reader::Begin() {
  const auto now = std::chrono::steady_clock::now();
  if (connection_ == nullptr || connection_->broken || now >= next_look_) {
    if (absl::Status followed = Follow(); !followed.ok()) {
      connection_ = nullptr;
      return followed;
    }
    next_look_ = now + kLookInterval;
  }
  ReadConnection& connection = *connection_;
  absl::Status held = connection.Run("cannot read the read model", [&]() -> absl::Status {
    if (!connection.hold.executeStep())
      return absl::DataLossError(absl::StrCat(connection.path, " lacks the row of read_model"));
    connection.RefreshHead();
    return absl::OkStatus();
  });
  if (!held.ok()) {
    connection.EndSnapshot();
    return held;
  }
  return Snapshot(connection);
}

}  // namespace roster::read_model
