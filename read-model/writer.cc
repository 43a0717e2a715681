#include "read-model/writer.h"

#include <sqlite3.h>

#include <utility>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "read-model/dead_letter_rows.h"
#include "read-model/execute.h"
#include "read-model/position_rows.h"
#include "read-model/schema.h"
#include "read-model/user_rows.h"
#include "sqlite/sqlite.h"

namespace roster::read_model {
namespace {

// Only the holder of the lock writes, so this is waited for only where an operator's tool has the file.
constexpr int kBusyTimeoutMs = 2000;

// Measured on random e-mails, 10,000 users a transaction: a checkpoint only every 50,000 pages and a cache that holds
// the e-mail index's leaves make writing four times as fast as SQLite's defaults.
constexpr char kConnectionPragmas[] = R"sql(
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 50000;
PRAGMA cache_size = -262144;
PRAGMA secure_delete = FAST;
PRAGMA temp_store = MEMORY;
)sql";

bool HasSchema(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() > 0;
}

void CreateSchema(SQLite::Database& database) {
  SQLite::Transaction transaction(database);
  database.exec(kCreateTablesSql);
  database.exec(kCreateIndexesSql);
  database.exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion));
  transaction.commit();
}

// Checks or makes the schema, and sets the connection up.
absl::Status Configure(SQLite::Database& database, const std::string& path) {
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version != kSchemaVersion && (version != 0 || HasSchema(database))) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is no read model of this program's schema (", kSchemaVersion, "): it has ", version,
                     "; stop the projector, remove the folder, and the read model is made anew from the log"));
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
  std::optional<Statements> statements;
  // What the file holds as the present transaction sees it; absent: not known, read it again.
  std::optional<Checkpoint> checkpoint;
};

Writer::Writer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Writer::~Writer() { Rollback(); }

absl::StatusOr<std::unique_ptr<Writer>> Writer::Open(const std::string& database_path) {
  std::unique_ptr<Parts> parts;
  ROSTER_RETURN_IF_ERROR(sqlite::Try(absl::StrCat("cannot open the read model ", database_path), [&]() -> absl::Status {
    parts = std::make_unique<Parts>(database_path);
    ROSTER_RETURN_IF_ERROR(Configure(parts->database, database_path));
    parts->statements.emplace(parts->database);
    return absl::OkStatus();
  }));
  return std::unique_ptr<Writer>(new Writer(std::move(parts)));
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
    const std::optional<UserRow> old = users.Find(event.user_id());
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
    // Microseconds of the machine's clock, and always later than before.
    parts_->database.exec(
        "UPDATE read_model SET older_applied_at_us = "
        "max(older_applied_at_us + 1, CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))");
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
