#include "bench/ceilings/raw_rows.h"

#include <filesystem>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "read-model/fsync_file.h"
#include "read-model/schema.h"
#include "sqlite/sqlite.h"

namespace roster::bench {
namespace {

constexpr int kRowsATransaction = 10'000;

// As read-model/writer.cc has them for a live file, and for one that is being made.
constexpr char kLivePragmas[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 50000; "
    "PRAGMA cache_size = -262144; PRAGMA secure_delete = FAST; PRAGMA temp_store = MEMORY";
constexpr char kNewFilePragmas[] =
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; "
    "PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY";

constexpr char kColumns[] =
    "id, user_id, email_key, status, create_time_us, version, sequence, event_id, partition, offset, user";
constexpr int kColumnCount = 11;

// Begins a transaction now and then.
class Transactions {
 public:
  Transactions(SQLite::Database& database, int rows_each) : database_(database), rows_each_(rows_each) {
    database_.exec("BEGIN");
  }
  void CountRow() {
    if (++rows_ % rows_each_ == 0) database_.exec("COMMIT; BEGIN");
  }
  int64_t Finish() {
    database_.exec("COMMIT");
    return rows_;
  }

 private:
  SQLite::Database& database_;
  const int rows_each_;
  int64_t rows_ = 0;
};

class InsertChange {
 public:
  explicit InsertChange(SQLite::Database& database)
      : statement_(database, "INSERT INTO changes (partition, offset, user_row, folded_at_us) VALUES (?, ?, ?, 0)") {}
  void Run(int64_t partition, int64_t offset, int64_t row) {
    statement_.bind(1, partition);
    statement_.bind(2, offset);
    statement_.bind(3, row);
    statement_.exec();
    statement_.reset();
  }

 private:
  SQLite::Statement statement_;
};

void CopyColumn(SQLite::Statement& from, SQLite::Statement& to, int column) {
  const SQLite::Column value = from.getColumn(column);
  if (value.isNull()) {
    to.bind(column + 1);
  } else if (value.isInteger()) {
    to.bind(column + 1, value.getInt64());
  } else if (value.isBlob()) {
    sqlite::BindBytes(to, column + 1, sqlite::ColumnBytes(from, column));
  } else {
    sqlite::BindText(to, column + 1, sqlite::ColumnBytes(from, column));
  }
}

int64_t CopyRows(const std::string& from, SQLite::Database& to, int rows_each) {
  SQLite::Database source(from, SQLite::OPEN_READONLY);
  SQLite::Statement select(source, absl::StrCat("SELECT ", kColumns, " FROM users ORDER BY id"));
  SQLite::Statement insert(to,
                           absl::StrCat("INSERT INTO users (", kColumns, ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  InsertChange change(to);
  Transactions transactions(to, rows_each);
  while (select.executeStep()) {
    for (int i = 0; i < kColumnCount; ++i) CopyColumn(select, insert, i);
    insert.exec();
    insert.reset();
    change.Run(select.getColumn(8).getInt64(), select.getColumn(9).getInt64(), select.getColumn(0).getInt64());
    transactions.CountRow();
  }
  return transactions.Finish();
}

int64_t UpdateRows(const std::string& before, const std::string& read_model, SQLite::Database& to) {
  SQLite::Database source(read_model, SQLite::OPEN_READONLY);
  SQLite::Statement attach(source, "ATTACH ? AS earlier");
  attach.bind(1, before);
  attach.exec();
  // As long as the users are on average.
  const std::string user(
      static_cast<size_t>(
          source.execAndGet("SELECT avg(length(user)) FROM (SELECT user FROM users LIMIT 1000)").getInt()),
      'x');
  SQLite::Statement select(source,
                           "SELECT partition, offset, user_row FROM changes JOIN earlier.partitions USING (partition) "
                           "WHERE offset >= next_offset ORDER BY folded_at_us, partition, offset");
  SQLite::Statement update(
      to,
      "UPDATE users SET version = version + 1, sequence = ?1, event_id = "
      "'01890a5d-ac96-774b-bcce-b302099a8057', partition = ?2, offset = ?1, user = ?3 WHERE id = ?4");
  InsertChange change(to);
  Transactions transactions(to, kRowsATransaction);
  while (select.executeStep()) {
    update.bind(1, select.getColumn(1).getInt64());
    update.bind(2, select.getColumn(0).getInt64());
    sqlite::BindBytes(update, 3, user);
    update.bind(4, select.getColumn(2).getInt64());
    update.exec();
    update.reset();
    change.Run(select.getColumn(0).getInt64(), select.getColumn(1).getInt64(), select.getColumn(2).getInt64());
    transactions.CountRow();
  }
  return transactions.Finish();
}

void RemoveDatabase(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
}

// `write` writes the rows and returns how many.
template <typename Write>
absl::StatusOr<Sample> RowsPerSecond(const std::string& path, Write write) {
  return sqlite::Try("raw rows", [&] {
    const absl::Cleanup remove = [&] { RemoveDatabase(path); };
    const absl::Time begin = absl::Now();
    const int64_t rows = write();
    return Sample{static_cast<double>(rows) / absl::ToDoubleSeconds(absl::Now() - begin)};
  });
}

}  // namespace

Measurement RawInserts(const std::string& read_model, const std::string& path) {
  return {"raw inserts", [=](absl::Duration) {
            return RowsPerSecond(path, [&] {
              SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
              database.exec(kLivePragmas);
              database.exec(read_model::kCreateTablesSql);
              database.exec(read_model::kCreateIndexesSql);
              return CopyRows(read_model, database, kRowsATransaction);
            });
          }};
}

Measurement RawLoad(const std::string& read_model, const std::string& path) {
  return {"raw load", [=](absl::Duration) {
            return RowsPerSecond(path, [&] {
              SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
              database.exec(kNewFilePragmas);
              database.exec(read_model::kCreateTablesSql);
              const int64_t rows = CopyRows(read_model, database, /*rows_each=*/1 << 30);
              database.exec(read_model::kCreateIndexesSql);
              (void)read_model::FsyncFile(path);
              return rows;
            });
          }};
}

Measurement RawUpdates(const std::string& before, const std::string& read_model, const std::string& path) {
  return {"raw updates", [=](absl::Duration) {
            RemoveDatabase(path);
            std::filesystem::copy_file(before, path);
            return RowsPerSecond(path, [&] {
              SQLite::Database database(path, SQLite::OPEN_READWRITE);
              database.exec(kLivePragmas);
              return UpdateRows(before, read_model, database);
            });
          }};
}

}  // namespace roster::bench
