#include "read-model/writer.h"

#include <sqlite3.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "read-model/checkpoint_pace.h"
#include "read-model/dead_letter_rows.h"
#include "read-model/execute.h"
#include "read-model/fsync_file.h"
#include "read-model/position_rows.h"
#include "read-model/schema.h"
#include "read-model/user_rows.h"
#include "sqlite/sqlite.h"

namespace roster::read_model {
namespace {

// Only the holder of the lock writes, so this is waited for only where an operator's tool has the file.
constexpr int kBusyTimeoutMs = 2000;

// Measured on random e-mails, 10,000 users a transaction: rare checkpoints (CheckpointPace) and a cache that holds the
// e-mail index's leaves make writing four times as fast as SQLite's defaults.
constexpr char kConnectionPragmas[] = R"sql(
PRAGMA synchronous = NORMAL;
PRAGMA cache_size = -262144;
PRAGMA secure_delete = FAST;
PRAGMA temp_store = MEMORY;
)sql";

// Of a file that is thrown away after any failure.
constexpr char kNewFilePragmas[] = R"sql(
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -262144;
PRAGMA temp_store = MEMORY;
)sql";

// Microseconds of the machine's clock.
constexpr char kNowUs[] = "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)";

// Steps of SQLite's machine between two looks at whether to go on.
constexpr int kStepsBetweenLooks = 200'000;

// From the generation attached as `other`. Its dead letters that are redriven stay as this fold found them: the program
// that folds may read them, or not yet.
constexpr char kTakeOverSql[] = R"sql(
UPDATE read_model SET
  fresh_as_of_us = (SELECT fresh_as_of_us FROM other.read_model),
  older_applied_at_us = max(older_applied_at_us, (SELECT older_applied_at_us FROM other.read_model));
UPDATE partitions SET changes_from_offset = max(partitions.changes_from_offset, theirs.changes_from_offset)
  FROM other.partitions AS theirs WHERE theirs.partition = partitions.partition;
UPDATE dead_letters SET
    copied = max(dead_letters.copied, theirs.copied),
    state = CASE WHEN theirs.state = 2 THEN 2 ELSE dead_letters.state END,
    folded_at_us = theirs.folded_at_us
  FROM other.dead_letters AS theirs
  WHERE theirs.partition = dead_letters.partition AND theirs.offset = dead_letters.offset;
)sql";

bool HasSchema(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() > 0;
}

void CreateTables(SQLite::Database& database) {
  database.exec(kCreateTablesSql);
  database.exec(absl::StrCat("UPDATE read_model SET made_at_us = ", kNowUs));
}

void CreateSchema(SQLite::Database& database) {
  SQLite::Transaction transaction(database);
  CreateTables(database);
  database.exec(kCreateIndexesSql);
  database.exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion));
  transaction.commit();
}

// Checks or makes the schema, and sets the connection up.
absl::Status Configure(SQLite::Database& database, const std::string& path) {
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version != kSchemaVersion && (version != 0 || HasSchema(database))) {
    return absl::FailedPreconditionError(
        absl::StrCat("the read model ", path, " has schema ", version, ", this program writes ", kSchemaVersion,
                     ": use the release that made it, or make it anew from the log by roster-projector rebuild "
                     "--accept of this one"));
  }
  database.exec("PRAGMA journal_mode = WAL");
  int keep = 1;
  sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  database.exec(kConnectionPragmas);
  if (version == 0) CreateSchema(database);
  return absl::OkStatus();
}

int PrunePartition(SQLite::Database& database, int32_t partition, int64_t horizon_us, int max_rows) {
  // From the oldest on, up to the first one to keep: `changes` must stay without gaps.
  SQLite::Statement select(database,
                           "SELECT offset, folded_at_us FROM changes WHERE partition = ? ORDER BY offset LIMIT ?");
  select.bind(1, partition);
  select.bind(2, max_rows);
  int pruned = 0;
  int64_t end = 0;
  for (; select.executeStep() && select.getColumn(1).getInt64() < horizon_us; ++pruned) {
    end = select.getColumn(0).getInt64() + 1;
  }
  select.reset();
  if (pruned == 0) return 0;
  SQLite::Statement remove(database, "DELETE FROM changes WHERE partition = ? AND offset < ?");
  remove.bind(1, partition);
  remove.bind(2, end);
  remove.exec();
  SQLite::Statement move(
      database, "UPDATE partitions SET changes_from_offset = max(changes_from_offset, ?2) WHERE partition = ?1");
  move.bind(1, partition);
  move.bind(2, end);
  move.exec();
  return pruned;
}

}  // namespace

struct Writer::Parts {
  explicit Parts(const std::string& path)
      : reading(absl::StrCat("cannot read the read model ", path)),
        writing(absl::StrCat("cannot write the read model ", path)),
        database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs) {}

  // Prepared once, after the tables are there.
  struct Statements {
    explicit Statements(SQLite::Database& database)
        : users(database),
          insert_change(database,
                        "INSERT INTO changes (partition, offset, user_row, folded_at_us) VALUES (?, ?, ?, ?)"),
          set_partition(database,
                        "INSERT INTO partitions (partition, next_offset, last_checksum, changes_from_offset) "
                        "VALUES (?1, ?2, ?3, 0) "
                        "ON CONFLICT (partition) DO UPDATE SET next_offset = ?2, last_checksum = ?3"),
          set_log_id(database, "UPDATE read_model SET log_id = ?"),
          set_fresh_as_of(database, "UPDATE read_model SET fresh_as_of_us = ?") {}

    UserRows users;
    SQLite::Statement insert_change;
    SQLite::Statement set_partition;
    SQLite::Statement set_log_id;
    SQLite::Statement set_fresh_as_of;
  };

  // What an error says that was tried.
  const std::string reading;
  const std::string writing;
  SQLite::Database database;
  // Not for a file that has no write-ahead log.
  std::optional<CheckpointPace> checkpoint_pace;
  std::optional<Statements> statements;
  // What the file holds as the present transaction sees it; absent: not known, read it again.
  std::optional<Checkpoint> checkpoint;
  // No changes below these, one a partition; beyond its end: all.
  std::vector<int64_t> changes_from;
};

Writer::Writer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Writer::~Writer() { Rollback(); }

absl::StatusOr<std::unique_ptr<Writer>> Writer::Open(const std::string& database_path) {
  std::unique_ptr<Parts> parts;
  ROSTER_RETURN_IF_ERROR(sqlite::Try("cannot open the read model", database_path, [&]() -> absl::Status {
    parts = std::make_unique<Parts>(database_path);
    ROSTER_RETURN_IF_ERROR(Configure(parts->database, database_path));
    parts->checkpoint_pace.emplace(parts->database);
    parts->statements.emplace(parts->database);
    return absl::OkStatus();
  }));
  return std::unique_ptr<Writer>(new Writer(std::move(parts)));
}

absl::StatusOr<std::unique_ptr<Writer>> Writer::MakeNew(const std::string& database_path) {
  std::unique_ptr<Parts> parts;
  ROSTER_RETURN_IF_ERROR(sqlite::Try("cannot make the read model", database_path, [&]() -> absl::Status {
    parts = std::make_unique<Parts>(database_path);
    if (HasSchema(parts->database)) {
      return absl::FailedPreconditionError(absl::StrCat("cannot make the read model ", database_path, ": it is there"));
    }
    parts->database.exec(kNewFilePragmas);
    CreateTables(parts->database);
    parts->statements.emplace(parts->database);
    return absl::OkStatus();
  }));
  return std::unique_ptr<Writer>(new Writer(std::move(parts)));
}

absl::Status Writer::CompleteNew(std::unique_ptr<Writer> writer, absl::FunctionRef<bool()> keep_going) {
  Parts& parts = *writer->parts_;
  const std::string path = parts.database.getFilename();
  absl::Status completed = sqlite::Try(parts.writing, [&] {
    const auto look = [](void* go) { return (*static_cast<absl::FunctionRef<bool()>*>(go))() ? 0 : 1; };
    sqlite3_progress_handler(parts.database.getHandle(), kStepsBetweenLooks, look, &keep_going);
    const absl::Cleanup no_looks = [&] { sqlite3_progress_handler(parts.database.getHandle(), 0, nullptr, nullptr); };
    parts.database.exec(kCreateIndexesSql);
    parts.database.exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion));
  });
  if (!completed.ok()) return keep_going() ? completed : absl::CancelledError("stopped while indexing");
  writer.reset();
  ROSTER_RETURN_IF_ERROR(FsyncFile(path));
  return FsyncFolder(std::filesystem::path(path).parent_path());
}

absl::StatusOr<Checkpoint> Writer::ReadCheckpoint() {
  return sqlite::Try(parts_->reading, [&] {
    if (!parts_->checkpoint) parts_->checkpoint = SelectCheckpoint(parts_->database);
    return *parts_->checkpoint;
  });
}

absl::Status Writer::Begin() {
  return sqlite::Try(parts_->writing, [&] { parts_->database.exec("BEGIN IMMEDIATE"); });
}

absl::Status Writer::Commit() {
  return sqlite::Try(parts_->writing, [&] {
    parts_->statements->users.WriteCounts();
    parts_->database.exec("COMMIT");
  });
}

void Writer::Rollback() {
  parts_->statements->users.ForgetCounts();
  parts_->checkpoint.reset();
  // Some errors have rolled back already; what a ROLLBACK itself could complain of, the next Begin meets again.
  if (sqlite3_get_autocommit(parts_->database.getHandle()) == 0) parts_->database.tryExec("ROLLBACK");
}

absl::StatusOr<Applied> Writer::Apply(const v1::UserEvent& event, int32_t partition, int64_t offset, absl::Time now) {
  return sqlite::Try(parts_->writing, [&] {
    UserRows& users = parts_->statements->users;
    const std::optional<StoredUser> old = users.Find(event.user_id());
    if (old && old->version > event.user_version()) return Applied::kOutdated;
    if (old && old->version == event.user_version()) {
      return old->event_id == event.event_id() ? Applied::kOutdated : Applied::kVersionConflict;
    }
    int64_t row = 0;
    if (old) {
      row = old->id;
      users.Update(*old, event, partition, offset);
    } else {
      row = users.Insert(event, partition, offset);
    }
    const std::vector<int64_t>& changes_from = parts_->changes_from;
    if (static_cast<size_t>(partition) < changes_from.size() && offset < changes_from[partition]) return Applied::kYes;
    SQLite::Statement& change = parts_->statements->insert_change;
    change.bind(1, partition);
    change.bind(2, offset);
    change.bind(3, row);
    change.bind(4, absl::ToUnixMicros(now));
    Execute(change);
    return Applied::kYes;
  });
}

absl::Status Writer::SetCheckpoint(const Checkpoint& checkpoint) {
  const std::vector<int64_t>& next_offsets = checkpoint.position.next_offsets;
  if (checkpoint.last_checksums.size() != next_offsets.size()) {
    return absl::InvalidArgumentError("a checkpoint must have one checksum for each partition");
  }
  ROSTER_ASSIGN_OR_RETURN(const Checkpoint old, ReadCheckpoint());
  return sqlite::Try(parts_->writing, [&] {
    // Forgotten first, so that a failure half-way leaves nothing that only looks right.
    parts_->checkpoint.reset();
    Parts::Statements& statements = *parts_->statements;
    if (old.position.log_id != checkpoint.position.log_id) {
      statements.set_log_id.bindNoCopy(1, checkpoint.position.log_id);
      Execute(statements.set_log_id);
    }
    for (size_t i = 0; i < next_offsets.size(); ++i) {
      const bool known = i < old.position.next_offsets.size();
      if (known && old.position.next_offsets[i] == next_offsets[i]) continue;
      statements.set_partition.bind(1, static_cast<int64_t>(i));
      statements.set_partition.bind(2, next_offsets[i]);
      statements.set_partition.bind(3, static_cast<int64_t>(checkpoint.last_checksums[i]));
      Execute(statements.set_partition);
    }
    parts_->checkpoint = checkpoint;
  });
}

absl::Status Writer::SetFreshAsOf(absl::Time fresh_as_of) {
  return sqlite::Try(parts_->writing, [&] {
    parts_->statements->set_fresh_as_of.bind(1, absl::ToUnixMicros(fresh_as_of));
    Execute(parts_->statements->set_fresh_as_of);
  });
}

absl::StatusOr<int> Writer::PruneChanges(absl::Time horizon, int max_rows) {
  ROSTER_ASSIGN_OR_RETURN(const Checkpoint checkpoint, ReadCheckpoint());
  return sqlite::Try(parts_->writing, [&] {
    int pruned = 0;
    for (size_t i = 0; i < checkpoint.position.next_offsets.size(); ++i) {
      pruned += PrunePartition(parts_->database, static_cast<int32_t>(i), absl::ToUnixMicros(horizon), max_rows);
    }
    return pruned;
  });
}

absl::Status Writer::MoveChangesHorizonToPosition() {
  return sqlite::Try(parts_->writing, [&] {
    parts_->database.exec("UPDATE partitions SET changes_from_offset = next_offset");
    // Always later than before.
    parts_->database.exec(
        absl::StrCat("UPDATE read_model SET older_applied_at_us = max(older_applied_at_us + 1, ", kNowUs, ")"));
  });
}

void Writer::OmitChangesBefore(std::vector<int64_t> offsets) { parts_->changes_from = std::move(offsets); }

absl::Status Writer::TakeOver(const std::string& database_path) {
  return sqlite::Try(parts_->writing, [&] {
    SQLite::Database& database = parts_->database;
    SQLite::Statement attach(database, "ATTACH ? AS other");
    attach.bind(1, database_path);
    attach.exec();
    const absl::Cleanup detach = [&] { database.tryExec("DETACH other"); };
    SQLite::Transaction transaction(database);
    database.exec(kTakeOverSql);
    transaction.commit();
  });
}

absl::Status Writer::Sync() {
  return sqlite::Try(parts_->writing, [&]() -> absl::Status {
    SQLite::Statement checkpoint(parts_->database, "PRAGMA wal_checkpoint(TRUNCATE)");
    if (checkpoint.executeStep() && checkpoint.getColumn(0).getInt() == 0) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(parts_->writing, ": somebody else has it open"));
  });
}

absl::Status Writer::AddDeadLetter(const DeadLetter& letter, absl::Time now) {
  return sqlite::Try(parts_->writing, [&] { InsertDeadLetter(parts_->database, letter, absl::ToUnixMicros(now)); });
}

absl::StatusOr<std::optional<StoredDeadLetter>> Writer::ReadDeadLetter(DeadLetterId id) {
  return sqlite::Try(parts_->reading, [&] { return SelectDeadLetter(parts_->database, id); });
}

absl::StatusOr<std::vector<DeadLetterId>> Writer::ListOpenDeadLetters(std::optional<DeadLetterId> after, int max_rows) {
  return sqlite::Try(parts_->reading,
                     [&] { return SelectDeadLetterIds(parts_->database, "state = 0", after, max_rows); });
}

absl::Status Writer::SetDeadLetterState(DeadLetterId id, DeadLetterState state) {
  return sqlite::Try(parts_->writing, [&] {
    SQLite::Statement set(parts_->database, "UPDATE dead_letters SET state = ? WHERE partition = ? AND offset = ?");
    set.bind(1, static_cast<int>(state));
    set.bind(2, id.partition);
    set.bind(3, id.offset);
    set.exec();
  });
}

absl::Status Writer::MarkDeadLetterCopied(DeadLetterId id) {
  return sqlite::Try(parts_->writing, [&] {
    SQLite::Statement set(parts_->database, "UPDATE dead_letters SET copied = 1 WHERE partition = ? AND offset = ?");
    set.bind(1, id.partition);
    set.bind(2, id.offset);
    set.exec();
  });
}

}  // namespace roster::read_model
