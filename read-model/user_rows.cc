#include "read-model/user_rows.h"

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "read-model/execute.h"
#include "sqlite/sqlite.h"

namespace roster::read_model {
namespace {

// Bits of a set of indexed columns.
constexpr int kEmailKey = 1;
constexpr int kStatus = 2;
constexpr int kCreateTime = 4;

int64_t ToMicros(const google::protobuf::Timestamp& time) { return time.seconds() * 1'000'000 + time.nanos() / 1000; }

// Two folds of the same events must be equal byte for byte, and protobuf leaves the order of a map's entries open
// otherwise.
void SerializeUser(const v1::User& user, std::string& bytes) {
  bytes.clear();
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  user.SerializeToCodedStream(&coded);
}

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

}  // namespace

UserRows::UserRows(SQLite::Database& database)
    : database_(database),
      find_(database, "SELECT id, version, event_id, email_key, status, create_time_us FROM users WHERE user_id = ?"),
      insert_(database,
              "INSERT INTO users (version, sequence, event_id, partition, offset, user, user_id, email_key, status, "
              "create_time_us) "
              "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      add_to_count_(database,
                    "INSERT INTO status_counts (status, users) VALUES (?1, ?2) "
                    "ON CONFLICT (status) DO UPDATE SET users = users + ?2") {}

std::optional<StoredUser> UserRows::Find(const std::string& user_id) {
  const absl::Cleanup reset = [this] { find_.tryReset(); };
  find_.bindNoCopy(1, user_id);
  if (!find_.executeStep()) return std::nullopt;
  StoredUser row;
  row.id = find_.getColumn(0).getInt64();
  row.version = find_.getColumn(1).getInt64();
  row.event_id = find_.getColumn(2).getString();
  if (!find_.getColumn(3).isNull()) row.columns.email_key = find_.getColumn(3).getString();
  row.columns.status = find_.getColumn(4).getInt();
  row.columns.create_time_us = find_.getColumn(5).getInt64();
  return row;
}

// Parameters 1 to 6, the same for a new and for an old row.
void UserRows::BindState(SQLite::Statement& statement, const v1::UserEvent& event, int32_t partition, int64_t offset) {
  SerializeUser(event.user(), user_bytes_);
  statement.bind(1, static_cast<int64_t>(event.user_version()));
  statement.bind(2, static_cast<int64_t>(event.sequence()));
  statement.bindNoCopy(3, event.event_id());
  statement.bind(4, partition);
  statement.bind(5, offset);
  sqlite::BindBytes(statement, 6, user_bytes_);
}

int64_t UserRows::Insert(const v1::UserEvent& event, int32_t partition, int64_t offset) {
  const IndexedColumns columns = IndexedColumnsOf(event.user());
  BindState(insert_, event, partition, offset);
  insert_.bindNoCopy(7, event.user_id());
  BindEmailKey(insert_, 8, columns.email_key);
  insert_.bind(9, columns.status);
  insert_.bind(10, columns.create_time_us);
  Execute(insert_);
  ++count_changes_[columns.status];
  return database_.getLastInsertRowid();
}

// An UPDATE that names an indexed column pays for its index even where the value stays, so it names only those that
// change.
SQLite::Statement& UserRows::UpdateStatement(int changed) {
  std::unique_ptr<SQLite::Statement>& statement = update_[changed];
  if (statement == nullptr) {
    std::string sql =
        "UPDATE users SET version = ?1, sequence = ?2, event_id = ?3, partition = ?4, offset = ?5, user = ?6";
    if (changed & kEmailKey) sql += ", email_key = ?8";
    if (changed & kStatus) sql += ", status = ?9";
    if (changed & kCreateTime) sql += ", create_time_us = ?10";
    statement = std::make_unique<SQLite::Statement>(database_, sql + " WHERE id = ?7");
  }
  return *statement;
}

void UserRows::Update(const StoredUser& old, const v1::UserEvent& event, int32_t partition, int64_t offset) {
  const IndexedColumns columns = IndexedColumnsOf(event.user());
  int changed = 0;
  if (columns.email_key != old.columns.email_key) changed |= kEmailKey;
  if (columns.status != old.columns.status) changed |= kStatus;
  if (columns.create_time_us != old.columns.create_time_us) changed |= kCreateTime;
  SQLite::Statement& update = UpdateStatement(changed);
  BindState(update, event, partition, offset);
  update.bind(7, old.id);
  if (changed & kEmailKey) BindEmailKey(update, 8, columns.email_key);
  if (changed & kStatus) update.bind(9, columns.status);
  if (changed & kCreateTime) update.bind(10, columns.create_time_us);
  Execute(update);
  if (changed & kStatus) {
    --count_changes_[old.columns.status];
    ++count_changes_[columns.status];
  }
}

void UserRows::WriteCounts() {
  for (const auto& [status, change] : count_changes_) {
    add_to_count_.bind(1, status);
    add_to_count_.bind(2, change);
    Execute(add_to_count_);
  }
  count_changes_.clear();
}

}  // namespace roster::read_model
