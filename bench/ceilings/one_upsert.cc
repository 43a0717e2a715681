#include "bench/ceilings/one_upsert.h"

#include "absl/strings/str_cat.h"
#include "read-model/schema.h"

namespace roster::bench {
namespace {

SQLite::Database NewReadModel(const std::string& path) {
  SQLite::Database database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 50000");
  database.exec(read_model::kCreateTablesSql);
  database.exec(read_model::kCreateIndexesSql);
  return database;
}

}  // namespace

OneUpsert::OneUpsert(const std::string& path)
    : database_(NewReadModel(path)),
      upsert_(database_,
              "INSERT INTO users (user_id, email_key, status, create_time_us, version, sequence, event_id, partition, "
              "offset, user) VALUES (?1, ?1 || '@example.com', 1, 0, 1, 1, '', 0, 0, zeroblob(200)) "
              "ON CONFLICT (user_id) DO UPDATE SET version = version + 1, user = excluded.user") {}

void OneUpsert::Commit(int64_t user) {
  upsert_.bind(1, absl::StrCat("user-", user));
  upsert_.exec();
  upsert_.reset();
}

}  // namespace roster::bench
