#include "read-model/writer.h"

#include <sqlite3.h>

#include <array>
#include <map>
#include <utility>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "read-model/dead_letter_rows.h"
#include "read-model/schema.h"
#include "read-model/sqlite_status.h"

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

int64_t ToMicros(const google::protobuf::Timestamp& time) { return time.seconds() * 1'000'000 + time.nanos() / 1000; }

bool HasSchema(SQLite::Database& database) {
  return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() > 0;
}

// Two folds of the same events must be equal byte for byte, and the order of a map's entries is left open otherwise.
std::string SerializeUser(const v1::User& user) {
  std::string bytes;
  bytes.reserve(user.ByteSizeLong());
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    user.SerializeToCodedStream(&coded);
  }
  return bytes;
}

// The columns of a user's row that an index is over.
struct IndexedColumns {
  std::optional<std::string> email_key;
  int status = 0;
  int64_t create_time_us = 0;
};

IndexedColumns IndexedColumnsOf(const v1::User& user) {
  IndexedColumns columns;
  if (user.status() != v1::USER_STATUS_DELETED) columns.email_key = absl::AsciiStrToLower(user.email());
  columns.status = static_cast<int>(user.status());
  columns.create_time_us = ToMicros(user.create_time());
  return columns;
}

void BindEmailKey(SQLite::Statement& statement, int index, const std::optional<std::string>& email_key) {
  if (email_key) {
    statement.bindNoCopy(index, *email_key);
  } else {
    statement.bind(index);
  }
}

// Steps a statement that answers no rows, and makes it ready for the next time, also when it throws.
void Execute(SQLite::Statement& statement) {
  try {
    statement.exec();
  } catch (...) {
    statement.tryReset();
    throw;
  }
  statement.reset();
}

// Resets a statement that answers rows when the one who reads them goes.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(SQLite::Statement& statement) : statement_(statement) {}
  ~ResetAtEnd() { statement_.tryReset(); }

 private:
  SQLite::Statement& statement_;
};

}  // namespace

struct Writer::Parts {
  explicit Parts(const std::string& path)
      : path(path), database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs) {}

  // Statements are prepared once, after the tables are there.
  struct Statements {
    explicit Statements(SQLite::Database& database)
        : find_user(database,
                    "SELECT id, version, event_id, email_key, status, create_time_us FROM users WHERE user_id = ?"),
          insert_user(
              database,
              "INSERT INTO users (version, sequence, event_id, partition, offset, user, user_id, email_key, status, "
              "create_time_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
          insert_change(database,
                        "INSERT INTO changes (partition, offset, user_row, folded_at_us) VALUES (?, ?, ?, ?)"),
          add_to_count(database,
                       "INSERT INTO status_counts (status, users) VALUES (?1, ?2) "
                       "ON CONFLICT (status) DO UPDATE SET users = users + ?2"),
          set_partition(database,
                        "INSERT INTO partitions (partition, next_offset, last_checksum, changes_from_offset) VALUES "
                        "(?1, ?2, ?3, 0) "
                        "ON CONFLICT (partition) DO UPDATE SET next_offset = ?2, last_checksum = ?3"),
          set_log_id(database, "UPDATE read_model SET log_id = ?"),
          set_fresh_as_of(database, "UPDATE read_model SET fresh_as_of_us = ?") {}

    SQLite::Statement find_user;
    SQLite::Statement insert_user;
    SQLite::Statement insert_change;
    SQLite::Statement add_to_count;
    SQLite::Statement set_partition;
    SQLite::Statement set_log_id;
    SQLite::Statement set_fresh_as_of;
    // One for each set of indexed columns that an event may change, made when first needed.
    std::array<std::unique_ptr<SQLite::Statement>, 8> update_user;
  };

  std::string Doing(absl::string_view what) const { return absl::StrCat("cannot ", what, " the read model ", path); }

  absl::Status Configure();
  void CreateSchema();
  // The row of the user in `event`, new or updated.
  int64_t InsertUser(const v1::UserEvent& event, int32_t partition, int64_t offset);
  void UpdateUser(int64_t row, const IndexedColumns& old, const v1::UserEvent& event, int32_t partition,
                  int64_t offset);
  SQLite::Statement& UpdateStatement(int changed);
  Checkpoint SelectCheckpoint();
  int PrunePartition(int32_t partition, int64_t horizon_us, int max_rows);

  const std::string path;
  SQLite::Database database;
  std::optional<Statements> statements;
  // Changes of status_counts by the present transaction, written at its end.
  std::map<int, int64_t> count_changes;
  // What the file holds as the present transaction sees it; absent: not known, read it again.
  std::optional<Checkpoint> checkpoint;
};

absl::Status Writer::Parts::Configure() {
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version != kSchemaVersion && (version != 0 || HasSchema(database))) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is no read model of this program's schema (", kSchemaVersion, "): it has ", version,
                     "; stop the projector, remove the folder, and the read model is made anew"));
  }
  database.exec("PRAGMA journal_mode = WAL");
  int keep = 1;
  sqlite3_file_control(database.getHandle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  database.exec(kConnectionPragmas);
  if (version == 0) CreateSchema();
  statements.emplace(database);
  return absl::OkStatus();
}

void Writer::Parts::CreateSchema() {
  SQLite::Transaction transaction(database);
  database.exec(kCreateTablesSql);
  database.exec(kCreateIndexesSql);
  database.exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion));
  transaction.commit();
}

int64_t Writer::Parts::InsertUser(const v1::UserEvent& event, int32_t partition, int64_t offset) {
  const IndexedColumns columns = IndexedColumnsOf(event.user());
  const std::string bytes = SerializeUser(event.user());
  SQLite::Statement& insert = statements->insert_user;
  insert.bind(1, static_cast<int64_t>(event.user_version()));
  insert.bind(2, static_cast<int64_t>(event.sequence()));
  insert.bindNoCopy(3, event.event_id());
  insert.bind(4, partition);
  insert.bind(5, offset);
  insert.bindNoCopy(6, static_cast<const void*>(bytes.data()), static_cast<int>(bytes.size()));
  insert.bindNoCopy(7, event.user_id());
  BindEmailKey(insert, 8, columns.email_key);
  insert.bind(9, columns.status);
  insert.bind(10, columns.create_time_us);
  Execute(insert);
  ++count_changes[columns.status];
  return database.getLastInsertRowid();
}

// An UPDATE that names an indexed column pays for its index even where the value stays, so it names only those that
// change.
SQLite::Statement& Writer::Parts::UpdateStatement(int changed) {
  std::unique_ptr<SQLite::Statement>& statement = statements->update_user[changed];
  if (statement == nullptr) {
    std::string sql =
        "UPDATE users SET version = ?1, sequence = ?2, event_id = ?3, partition = ?4, offset = ?5, user = ?6";
    if (changed & 1) sql += ", email_key = ?8";
    if (changed & 2) sql += ", status = ?9";
    if (changed & 4) sql += ", create_time_us = ?10";
    statement = std::make_unique<SQLite::Statement>(database, sql + " WHERE id = ?7");
  }
  return *statement;
}

void Writer::Parts::UpdateUser(int64_t row, const IndexedColumns& old, const v1::UserEvent& event, int32_t partition,
                               int64_t offset) {
  const IndexedColumns columns = IndexedColumnsOf(event.user());
  const std::string bytes = SerializeUser(event.user());
  const int changed = (columns.email_key != old.email_key ? 1 : 0) | (columns.status != old.status ? 2 : 0) |
                      (columns.create_time_us != old.create_time_us ? 4 : 0);
  SQLite::Statement& update = UpdateStatement(changed);
  update.bind(1, static_cast<int64_t>(event.user_version()));
  update.bind(2, static_cast<int64_t>(event.sequence()));
  update.bindNoCopy(3, event.event_id());
  update.bind(4, partition);
  update.bind(5, offset);
  update.bindNoCopy(6, static_cast<const void*>(bytes.data()), static_cast<int>(bytes.size()));
  update.bind(7, row);
  if (changed & 1) BindEmailKey(update, 8, columns.email_key);
  if (changed & 2) update.bind(9, columns.status);
  if (changed & 4) update.bind(10, columns.create_time_us);
  Execute(update);
  if (changed & 2) {
    --count_changes[old.status];
    ++count_changes[columns.status];
  }
}

Checkpoint Writer::Parts::SelectCheckpoint() {
  Checkpoint found;
  found.position.log_id = database.execAndGet("SELECT log_id FROM read_model").getString();
  SQLite::Statement select(database, "SELECT next_offset, last_checksum FROM partitions ORDER BY partition");
  while (select.executeStep()) {
    found.position.next_offsets.push_back(select.getColumn(0).getInt64());
    found.last_checksums.push_back(static_cast<uint64_t>(select.getColumn(1).getInt64()));
  }
  return found;
}

int Writer::Parts::PrunePartition(int32_t partition, int64_t horizon_us, int max_rows) {
  // From the oldest on, up to the first one to keep: `changes` must stay without gaps.
  SQLite::Statement select(database,
                           "SELECT offset, folded_at_us FROM changes WHERE partition = ? ORDER BY offset LIMIT ?");
  select.bind(1, partition);
  select.bind(2, max_rows);
  int pruned = 0;
  int64_t end = 0;
  for (; select.executeStep() && select.getColumn(1).getInt64() < horizon_us; ++pruned)
    end = select.getColumn(0).getInt64() + 1;
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

Writer::Writer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Writer::~Writer() { Rollback(); }

absl::StatusOr<std::unique_ptr<Writer>> Writer::Open(const std::string& database_path) {
  return CatchSqlite(absl::StrCat("cannot open the read model ", database_path),
                     [&]() -> absl::StatusOr<std::unique_ptr<Writer>> {
                       auto parts = std::make_unique<Parts>(database_path);
                       if (absl::Status status = parts->Configure(); !status.ok()) return status;
                       return std::unique_ptr<Writer>(new Writer(std::move(parts)));
                     });
}

absl::StatusOr<Checkpoint> Writer::ReadCheckpoint() {
  return CatchSqlite(parts_->Doing("read"), [&]() -> absl::StatusOr<Checkpoint> {
    if (!parts_->checkpoint) parts_->checkpoint = parts_->SelectCheckpoint();
    return *parts_->checkpoint;
  });
}

absl::Status Writer::Begin() {
  return CatchSqlite(parts_->Doing("write"), [&] {
    parts_->database.exec("BEGIN IMMEDIATE");
    return absl::OkStatus();
  });
}

absl::Status Writer::Commit() {
  return CatchSqlite(parts_->Doing("write"), [&] {
    SQLite::Statement& add = parts_->statements->add_to_count;
    for (const auto& [status, change] : parts_->count_changes) {
      add.bind(1, status);
      add.bind(2, change);
      Execute(add);
    }
    parts_->database.exec("COMMIT");
    parts_->count_changes.clear();
    return absl::OkStatus();
  });
}

void Writer::Rollback() {
  parts_->count_changes.clear();
  parts_->checkpoint.reset();
  // Some errors have rolled back already; what a ROLLBACK itself could complain of, the next Begin meets again.
  if (sqlite3_get_autocommit(parts_->database.getHandle()) == 0) parts_->database.tryExec("ROLLBACK");
}

absl::StatusOr<Applied> Writer::Apply(const v1::UserEvent& event, int32_t partition, int64_t offset, absl::Time now) {
  return CatchSqlite(parts_->Doing("write"), [&]() -> absl::StatusOr<Applied> {
    SQLite::Statement& find = parts_->statements->find_user;
    const ResetAtEnd reset(find);
    find.bindNoCopy(1, event.user_id());
    int64_t row = 0;
    if (find.executeStep()) {
      row = find.getColumn(0).getInt64();
      const int64_t version = find.getColumn(1).getInt64();
      if (version > event.user_version()) return Applied::kOutdated;
      if (version == event.user_version()) {
        return find.getColumn(2).getString() == event.event_id() ? Applied::kOutdated : Applied::kVersionConflict;
      }
      IndexedColumns old;
      if (!find.getColumn(3).isNull()) old.email_key = find.getColumn(3).getString();
      old.status = find.getColumn(4).getInt();
      old.create_time_us = find.getColumn(5).getInt64();
      find.reset();
      parts_->UpdateUser(row, old, event, partition, offset);
    } else {
      find.reset();
      row = parts_->InsertUser(event, partition, offset);
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
  if (checkpoint.last_checksums.size() != checkpoint.position.next_offsets.size()) {
    return absl::InvalidArgumentError("a checkpoint must have one checksum for each partition");
  }
  absl::StatusOr<Checkpoint> old = ReadCheckpoint();
  if (!old.ok()) return old.status();
  return CatchSqlite(parts_->Doing("write"), [&] {
    // Forgotten first, so that a failure half-way leaves nothing that only looks right.
    parts_->checkpoint.reset();
    if (old->position.log_id != checkpoint.position.log_id) {
      parts_->statements->set_log_id.bindNoCopy(1, checkpoint.position.log_id);
      Execute(parts_->statements->set_log_id);
    }
    for (size_t i = 0; i < checkpoint.position.next_offsets.size(); ++i) {
      const bool known = i < old->position.next_offsets.size();
      if (known && old->position.next_offsets[i] == checkpoint.position.next_offsets[i]) continue;
      SQLite::Statement& set = parts_->statements->set_partition;
      set.bind(1, static_cast<int64_t>(i));
      set.bind(2, checkpoint.position.next_offsets[i]);
      set.bind(3, static_cast<int64_t>(checkpoint.last_checksums[i]));
      Execute(set);
    }
    parts_->checkpoint = checkpoint;
    return absl::OkStatus();
  });
}

absl::Status Writer::SetFreshAsOf(absl::Time fresh_as_of) {
  return CatchSqlite(parts_->Doing("write"), [&] {
    parts_->statements->set_fresh_as_of.bind(1, absl::ToUnixMicros(fresh_as_of));
    Execute(parts_->statements->set_fresh_as_of);
    return absl::OkStatus();
  });
}

absl::StatusOr<int> Writer::PruneChanges(absl::Time horizon, int max_rows) {
  absl::StatusOr<Checkpoint> checkpoint = ReadCheckpoint();
  if (!checkpoint.ok()) return checkpoint.status();
  return CatchSqlite(parts_->Doing("write"), [&]() -> absl::StatusOr<int> {
    int pruned = 0;
    for (size_t i = 0; i < checkpoint->position.next_offsets.size(); ++i) {
      pruned += parts_->PrunePartition(static_cast<int32_t>(i), absl::ToUnixMicros(horizon), max_rows);
    }
    return pruned;
  });
}

absl::Status Writer::MoveChangesHorizonToPosition() {
  return CatchSqlite(parts_->Doing("write"), [&] {
    parts_->database.exec("UPDATE partitions SET changes_from_offset = next_offset");
    return absl::OkStatus();
  });
}

absl::Status Writer::AddDeadLetter(const DeadLetter& letter, absl::Time now) {
  return CatchSqlite(parts_->Doing("write"), [&] {
    InsertDeadLetter(parts_->database, letter, absl::ToUnixMicros(now));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<StoredDeadLetter>> Writer::ReadDeadLetter(DeadLetterId id) {
  return CatchSqlite(parts_->Doing("read"), [&]() -> absl::StatusOr<std::optional<StoredDeadLetter>> {
    return SelectDeadLetter(parts_->database, id);
  });
}

absl::StatusOr<std::vector<DeadLetterId>> Writer::ListOpenDeadLetters(std::optional<DeadLetterId> after, int max_rows) {
  return CatchSqlite(parts_->Doing("read"), [&]() -> absl::StatusOr<std::vector<DeadLetterId>> {
    return SelectDeadLetterIds(parts_->database, "state = 0", after, max_rows);
  });
}

absl::Status Writer::SetDeadLetterState(DeadLetterId id, DeadLetterState state) {
  return CatchSqlite(parts_->Doing("write"), [&] {
    SQLite::Statement set(parts_->database, "UPDATE dead_letters SET state = ? WHERE partition = ? AND offset = ?");
    set.bind(1, static_cast<int>(state));
    set.bind(2, id.partition);
    set.bind(3, id.offset);
    set.exec();
    return absl::OkStatus();
  });
}

absl::Status Writer::MarkDeadLetterCopied(DeadLetterId id) {
  return CatchSqlite(parts_->Doing("write"), [&] {
    SQLite::Statement set(parts_->database, "UPDATE dead_letters SET copied = 1 WHERE partition = ? AND offset = ?");
    set.bind(1, id.partition);
    set.bind(2, id.offset);
    set.exec();
    return absl::OkStatus();
  });
}

}  // namespace roster::read_model
