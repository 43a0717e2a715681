#include "command-service/write_model.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/cleanup/cleanup.h"
#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/log.h"
#include "base/siphash.h"
#include "base/uuid.h"
#include "sqlite/sqlite.h"

namespace roster::command {
namespace {

constexpr int kSchemaVersion = 2;

// Rows are appended and found by integer hashes: five times the rate of text keys. Hash indexes are not unique; readers
// compare the full value.
constexpr char kSchema[] = R"sql(
CREATE TABLE write_model (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  log_id TEXT NOT NULL DEFAULT '',
  last_sequence INTEGER NOT NULL DEFAULT 0,
  -- Microseconds since 1970; NULL before the first event.
  last_occurred_at_us INTEGER,
  hash_key_0 INTEGER NOT NULL,
  hash_key_1 INTEGER NOT NULL
);
CREATE TABLE partitions (
  partition INTEGER PRIMARY KEY,
  next_offset INTEGER NOT NULL,
  last_checksum INTEGER NOT NULL
);
CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  user_id_hash INTEGER NOT NULL,
  -- NULL for a deleted user.
  email_hash INTEGER,
  event_id TEXT NOT NULL,
  -- The serialised roster.v1.User.
  user BLOB NOT NULL
);
CREATE INDEX users_by_user_id ON users (user_id_hash);
CREATE INDEX users_by_email ON users (email_hash) WHERE email_hash IS NOT NULL;
CREATE TABLE requests (
  id INTEGER PRIMARY KEY,
  request_id_hash INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  event_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  occurred_at_us INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  user BLOB NOT NULL
);
CREATE INDEX requests_by_request_id ON requests (request_id_hash);
)sql";

int64_t ToMicros(const google::protobuf::Timestamp& time) { return time.seconds() * 1'000'000 + time.nanos() / 1000; }

void RemoveFiles(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path + suffix, ignored);
}

v1::User ParseUser(absl::string_view bytes) {
  v1::User user;
  if (!user.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw SQLite::Exception("the write model holds a user that cannot be read", SQLITE_CORRUPT);
  }
  return user;
}

}  // namespace

// Everything here may throw SQLiteCpp's exceptions; WriteModel's functions catch them by Try.
struct WriteModel::Parts {
  Parts(const std::string& path, DirtyMarker marker, uint64_t hash_mask)
      : path(path),
        marker(std::move(marker)),
        database(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE),
        hash_mask(hash_mask) {}

  void Configure();
  void CreateSchema();
  void Load();
  void Prepare();
  void MarkDirty();
  void BeginIfNeeded();
  void StoreCheckpoint();
  void PruneRequests();
  void StoreUser(const v1::UserEvent& event, std::optional<int64_t> row);
  void StoreRequest(const v1::UserEvent& event, const event_log::RecordLocation& location);
  template <typename Action>
  auto Try(absl::string_view what, Action&& action);
  int64_t Hash(absl::string_view value) const { return static_cast<int64_t>(SipHash(hash_key, value) & hash_mask); }
  int64_t HashOfId(absl::string_view id) const;

  struct UserRow {
    int64_t id;
    std::string event_id;
    v1::User user;
  };
  std::optional<UserRow> FindRow(absl::string_view user_id);

  const std::string path;
  DirtyMarker marker;
  SQLite::Database database;
  SipHashKey hash_key;
  uint64_t hash_mask;
  Checkpoint checkpoint;
  int64_t last_sequence = 0;
  std::optional<int64_t> last_occurred_at_us;
  int uncommitted = 0;
  bool in_transaction = false;
  bool marked_dirty = false;
  bool damaged = false;
  // See WriteModel::fault.
  absl::Status fault;

  std::optional<SQLite::Statement> find_user, find_email, find_request, insert_user, update_user, insert_request,
      prune_requests;
};

void WriteModel::Parts::Configure() {
  database.exec("PRAGMA locking_mode = EXCLUSIVE");
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = OFF");
  database.exec("PRAGMA wal_autocheckpoint = 20000");
  database.exec("PRAGMA cache_size = -131072");
  // Debian's SQLite overwrites what is deleted; here that only costs.
  database.exec("PRAGMA secure_delete = OFF");
  database.exec("PRAGMA temp_store = MEMORY");
}

void WriteModel::Parts::CreateSchema() {
  // The file of another schema, thrown away, may have been marked clean.
  MarkDirty();
  absl::BitGen random;
  SQLite::Transaction transaction(database);
  database.exec(kSchema);
  SQLite::Statement insert(database, "INSERT INTO write_model (id, hash_key_0, hash_key_1) VALUES (1, ?, ?)");
  insert.bind(1, static_cast<int64_t>(absl::Uniform<uint64_t>(random)));
  insert.bind(2, static_cast<int64_t>(absl::Uniform<uint64_t>(random)));
  insert.exec();
  database.exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion));
  transaction.commit();
}

void WriteModel::Parts::Load() {
  checkpoint = {};
  SQLite::Statement one(database,
                        "SELECT log_id, last_sequence, last_occurred_at_us, hash_key_0, hash_key_1 FROM write_model");
  if (!one.executeStep()) throw SQLite::Exception("the write model has lost its first row", SQLITE_CORRUPT);
  checkpoint.position.log_id = one.getColumn(0).getString();
  last_sequence = one.getColumn(1).getInt64();
  last_occurred_at_us.reset();
  if (!one.getColumn(2).isNull()) last_occurred_at_us = one.getColumn(2).getInt64();
  hash_key = {static_cast<uint64_t>(one.getColumn(3).getInt64()), static_cast<uint64_t>(one.getColumn(4).getInt64())};
  SQLite::Statement partitions(database, "SELECT next_offset, last_checksum FROM partitions ORDER BY partition");
  while (partitions.executeStep()) {
    checkpoint.position.next_offsets.push_back(partitions.getColumn(0).getInt64());
    checkpoint.last_checksums.push_back(static_cast<uint64_t>(partitions.getColumn(1).getInt64()));
  }
}

void WriteModel::Parts::Prepare() {
  find_user.emplace(database, "SELECT id, event_id, user FROM users WHERE user_id_hash = ?");
  find_email.emplace(database, "SELECT user FROM users WHERE email_hash = ?");
  find_request.emplace(database,
                       "SELECT request_id, fingerprint, event_id, partition, offset, user FROM requests "
                       "WHERE request_id_hash = ? ORDER BY sequence DESC");
  insert_user.emplace(database, "INSERT INTO users (email_hash, event_id, user, user_id_hash) VALUES (?, ?, ?, ?)");
  update_user.emplace(database, "UPDATE users SET email_hash = ?, event_id = ?, user = ? WHERE id = ?");
  insert_request.emplace(
      database,
      "INSERT INTO requests (request_id_hash, request_id, fingerprint, event_id, sequence, occurred_at_us, "
      "partition, offset, user) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  prune_requests.emplace(
      database,
      "DELETE FROM requests WHERE id IN (SELECT id FROM requests ORDER BY id LIMIT ?) AND occurred_at_us < ?");
}

void WriteModel::Parts::MarkDirty() {
  if (marked_dirty) return;
  if (const absl::Status status = marker.MarkDirty(); !status.ok()) {
    throw SQLite::Exception(std::string(status.message()), SQLITE_IOERR);
  }
  marked_dirty = true;
}

void WriteModel::Parts::BeginIfNeeded() {
  if (in_transaction) return;
  MarkDirty();
  database.exec("BEGIN IMMEDIATE");
  in_transaction = true;
}

void WriteModel::Parts::StoreCheckpoint() {
  SQLite::Statement one(database, "UPDATE write_model SET log_id = ?, last_sequence = ?, last_occurred_at_us = ?");
  one.bind(1, checkpoint.position.log_id);
  one.bind(2, last_sequence);
  if (last_occurred_at_us) one.bind(3, *last_occurred_at_us);
  one.exec();
  SQLite::Statement partition(
      database, "INSERT OR REPLACE INTO partitions (partition, next_offset, last_checksum) VALUES (?, ?, ?)");
  for (size_t i = 0; i < checkpoint.position.next_offsets.size(); ++i) {
    partition.bind(1, static_cast<int64_t>(i));
    partition.bind(2, checkpoint.position.next_offsets[i]);
    partition.bind(3, static_cast<int64_t>(checkpoint.last_checksums[i]));
    partition.exec();
    partition.reset();
  }
}

// Each commit looks at somewhat more of the oldest rows than the commit has added, so that pruning keeps up.
void WriteModel::Parts::PruneRequests() {
  if (!last_occurred_at_us) return;
  absl::Cleanup reset = [&] { prune_requests->tryReset(); };
  prune_requests->bind(1, 2 * uncommitted + 100);
  prune_requests->bind(2, *last_occurred_at_us - absl::ToInt64Microseconds(kRequestIdsKept));
  prune_requests->exec();
}

// The hash of an id; of ids that carry the time they were made at, in the order of that time. What is written together
// then stands together in the index, instead of each on a page of its own. In order by quarters of a second, which
// leaves room for 24 bits of the keyed hash: those keep apart the ids of one time, whoever chose them.
int64_t WriteModel::Parts::HashOfId(absl::string_view id) const {
  const std::optional<uint64_t> millis = MillisOfUuidV7(id);
  if (!millis) return Hash(id);
  return static_cast<int64_t>(((*millis >> 8) << 24 | SipHash(hash_key, id) >> 40) & hash_mask);
}

std::optional<WriteModel::Parts::UserRow> WriteModel::Parts::FindRow(absl::string_view user_id) {
  absl::Cleanup reset = [&] { find_user->tryReset(); };
  find_user->bind(1, HashOfId(user_id));
  while (find_user->executeStep()) {
    v1::User user = ParseUser(sqlite::ColumnBytes(*find_user, 2));
    if (user.user_id() != user_id) continue;
    return UserRow{find_user->getColumn(0).getInt64(), find_user->getColumn(1).getString(), std::move(user)};
  }
  return std::nullopt;
}

void WriteModel::Parts::StoreUser(const v1::UserEvent& event, std::optional<int64_t> row) {
  SQLite::Statement& statement = row ? *update_user : *insert_user;
  absl::Cleanup reset = [&] {
    statement.tryReset();
    statement.clearBindings();
  };
  const std::string bytes = event.user().SerializeAsString();
  if (event.user().status() != v1::USER_STATUS_DELETED) statement.bind(1, Hash(EmailKey(event.user().email())));
  statement.bind(2, event.event_id());
  sqlite::BindBytes(statement, 3, bytes);
  statement.bind(4, row ? *row : HashOfId(event.user_id()));
  statement.exec();
}

void WriteModel::Parts::StoreRequest(const v1::UserEvent& event, const event_log::RecordLocation& location) {
  absl::Cleanup reset = [&] { insert_request->tryReset(); };
  const std::string bytes = event.user().SerializeAsString();
  insert_request->bind(1, HashOfId(event.request_id()));
  insert_request->bind(2, event.request_id());
  sqlite::BindBytes(*insert_request, 3, event.request_fingerprint());
  insert_request->bind(4, event.event_id());
  insert_request->bind(5, event.sequence());
  insert_request->bind(6, ToMicros(event.occurred_at()));
  insert_request->bind(7, location.partition);
  insert_request->bind(8, location.offset);
  sqlite::BindBytes(*insert_request, 9, bytes);
  insert_request->exec();
}

// As sqlite::Try, until the first fault. A file that is found damaged is thrown away by the next Open.
template <typename Action>
auto WriteModel::Parts::Try(absl::string_view what, Action&& action) {
  using Result = decltype(sqlite::Try(what, std::forward<Action>(action)));
  if (!fault.ok()) return Result(fault);
  Result result = sqlite::Try(what, path, std::forward<Action>(action));
  const absl::Status& status = [&]() -> const absl::Status& {
    if constexpr (std::is_same_v<Result, absl::Status>) {
      return result;
    } else {
      return result.status();
    }
  }();
  if (absl::IsDataLoss(status)) {
    damaged = marked_dirty = true;
    marker.MarkDamaged().IgnoreError();
  }
  fault = status;
  return result;
}

absl::StatusOr<std::unique_ptr<WriteModel>> WriteModel::Open(const std::string& path, const std::string& boot_id,
                                                             uint64_t hash_mask) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  const DirtyMarker marker(path + ".state", boot_id);
  if (std::filesystem::exists(path) && !marker.DatabaseIsTrusted()) {
    Log(LogLevel::kWarning,
        "write model cannot be trusted after a power cut, or was found damaged: folding the log anew",
        {{"path", path}});
    RemoveFiles(path);
  }
  const auto open = [&]() -> absl::StatusOr<std::unique_ptr<Parts>> {
    return sqlite::Try("cannot open the write model", path, [&] {
      auto parts = std::make_unique<Parts>(path, marker, hash_mask);
      parts->Configure();
      const int version = parts->database.execAndGet("PRAGMA user_version").getInt();
      if (version == 0) parts->CreateSchema();
      if (version != 0 && version != kSchemaVersion) {
        throw SQLite::Exception(absl::StrCat("it has schema ", version, ", this program's is ", kSchemaVersion),
                                SQLITE_CORRUPT);
      }
      parts->Load();
      parts->Prepare();
      return parts;
    });
  };
  absl::StatusOr<std::unique_ptr<Parts>> parts = open();
  if (absl::IsDataLoss(parts.status())) {
    Log(LogLevel::kWarning, "write model cannot be used: folding the log anew",
        {{"path", path}, {"error", parts.status()}});
    RemoveFiles(path);
    parts = open();
  }
  if (!parts.ok()) return parts.status();
  return std::unique_ptr<WriteModel>(new WriteModel(*std::move(parts)));
}

WriteModel::WriteModel(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
WriteModel::~WriteModel() = default;

const Checkpoint& WriteModel::checkpoint() const { return parts_->checkpoint; }
int64_t WriteModel::last_sequence() const { return parts_->last_sequence; }
int WriteModel::uncommitted() const { return parts_->uncommitted; }
const absl::Status& WriteModel::fault() const { return parts_->fault; }

absl::Time WriteModel::last_occurred_at() const {
  return parts_->last_occurred_at_us ? absl::FromUnixMicros(*parts_->last_occurred_at_us) : absl::InfinitePast();
}

absl::StatusOr<WriteModel::Applied> WriteModel::Apply(const v1::UserEvent& event,
                                                      const event_log::RecordLocation& location) {
  return parts_->Try("cannot write the write model", [&] {
    parts_->BeginIfNeeded();
    const std::optional<Parts::UserRow> row = parts_->FindRow(event.user_id());
    if (row && row->user.version() == event.user_version() && row->event_id != event.event_id())
      return Applied::kVersionConflict;
    if (row && row->user.version() >= event.user_version()) return Applied::kOutdated;
    parts_->StoreUser(event, row ? std::optional(row->id) : std::nullopt);
    if (!event.request_id().empty()) parts_->StoreRequest(event, location);
    parts_->last_sequence = std::max(parts_->last_sequence, event.sequence());
    const int64_t occurred_at_us = ToMicros(event.occurred_at());
    parts_->last_occurred_at_us = std::max(parts_->last_occurred_at_us.value_or(occurred_at_us), occurred_at_us);
    ++parts_->uncommitted;
    return Applied::kYes;
  });
}

void WriteModel::SetIdentity(const event_log::LogIdentity& identity) {
  parts_->checkpoint.position = StartOf(identity.log_id, identity.partitions);
  parts_->checkpoint.last_checksums.assign(identity.partitions, 0);
}

void WriteModel::Advance(const event_log::RecordLocation& location, uint64_t checksum) {
  Checkpoint& checkpoint = parts_->checkpoint;
  checkpoint.position.next_offsets.at(location.partition) = location.offset + 1;
  checkpoint.last_checksums.at(location.partition) = checksum;
}

absl::Status WriteModel::Commit() {
  return parts_->Try("cannot commit the write model", [&] {
    parts_->BeginIfNeeded();
    parts_->PruneRequests();
    parts_->StoreCheckpoint();
    parts_->database.exec("COMMIT");
    parts_->in_transaction = false;
    parts_->uncommitted = 0;
  });
}

absl::Status WriteModel::Rollback() {
  parts_->fault = absl::OkStatus();
  return parts_->Try("cannot roll back the write model", [&] {
    // Some errors make SQLite roll back by itself.
    if (sqlite3_get_autocommit(parts_->database.getHandle()) == 0) parts_->database.exec("ROLLBACK");
    parts_->in_transaction = false;
    parts_->uncommitted = 0;
    parts_->Load();
  });
}

absl::Status WriteModel::Close() {
  if (!fault().ok()) ROSTER_RETURN_IF_ERROR(Rollback());
  ROSTER_RETURN_IF_ERROR(Commit());
  ROSTER_RETURN_IF_ERROR(parts_->Try("cannot sync the write model", [&] {
    parts_->database.exec("PRAGMA synchronous = FULL");
    SQLite::Statement(parts_->database, "PRAGMA wal_checkpoint(TRUNCATE)").executeStep();
  }));
  DirtyMarker marker = parts_->marker;
  const bool damaged = parts_->damaged;
  parts_.reset();
  return damaged ? absl::OkStatus() : marker.MarkClean();
}

absl::StatusOr<std::optional<v1::User>> WriteModel::FindUser(absl::string_view user_id) {
  return parts_->Try("cannot read the write model", [&]() -> std::optional<v1::User> {
    std::optional<Parts::UserRow> row = parts_->FindRow(user_id);
    if (!row) return std::nullopt;
    return std::move(row->user);
  });
}

absl::StatusOr<std::optional<std::string>> WriteModel::FindEmailOwner(absl::string_view email_key) {
  return parts_->Try("cannot read the write model", [&]() -> std::optional<std::string> {
    SQLite::Statement& statement = *parts_->find_email;
    absl::Cleanup reset = [&] { statement.tryReset(); };
    statement.bind(1, parts_->Hash(email_key));
    while (statement.executeStep()) {
      const v1::User user = ParseUser(sqlite::ColumnBytes(statement, 0));
      if (EmailKey(user.email()) == email_key) return user.user_id();
    }
    return std::nullopt;
  });
}

absl::StatusOr<std::optional<RecordedCommand>> WriteModel::FindRequest(absl::string_view request_id) {
  return parts_->Try("cannot read the write model", [&]() -> std::optional<RecordedCommand> {
    SQLite::Statement& statement = *parts_->find_request;
    absl::Cleanup reset = [&] { statement.tryReset(); };
    statement.bind(1, parts_->HashOfId(request_id));
    while (statement.executeStep()) {
      if (sqlite::ColumnBytes(statement, 0) != request_id) continue;
      return RecordedCommand{
          .fingerprint = std::string(sqlite::ColumnBytes(statement, 1)),
          .user = ParseUser(sqlite::ColumnBytes(statement, 5)),
          .event_id = statement.getColumn(2).getString(),
          .location = event_log::RecordLocation{statement.getColumn(3).getInt(), statement.getColumn(4).getInt64()}};
    }
    return std::nullopt;
  });
}

}  // namespace roster::command
