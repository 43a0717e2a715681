#include "event-log/embedded/record_table.h"

#include <filesystem>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/siphash.h"
#include "event-log/embedded/headers_codec.h"
#include "sqlite/sqlite.h"

namespace roster::event_log {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

// Version of the table below, kept in the file's user_version. The log is never made anew, so a program that counts
// this up must read every older one, too.
constexpr int kSchemaVersion = 1;

// `checksum` covers offset, key, value and headers. An absent key or value is the integer 0 in its column.
constexpr char kCreateTable[] = R"sql(
CREATE TABLE IF NOT EXISTS records (
  offset INTEGER PRIMARY KEY,
  key BLOB NOT NULL,
  value BLOB NOT NULL,
  headers BLOB NOT NULL,
  checksum INTEGER NOT NULL
))sql";

using OptionalBytes = std::optional<absl::string_view>;

int64_t RowChecksum(int64_t offset, OptionalBytes key, OptionalBytes value, absl::string_view headers) {
  return static_cast<int64_t>(SipHash({RecordChecksum(key, value), static_cast<uint64_t>(offset)}, headers));
}

void BindOptional(SQLite::Statement& statement, int index, const std::optional<std::string>& bytes) {
  if (bytes) {
    sqlite::BindBytes(statement, index, *bytes);
  } else {
    statement.bind(index, 0);
  }
}

OptionalBytes ColumnOptional(SQLite::Statement& statement, int index) {
  if (statement.getColumn(index).isInteger()) return std::nullopt;
  return sqlite::ColumnBytes(statement, index);
}

// 0: a file that has no table yet, or was made before the schema had a number; that is 1.
absl::Status CheckSchema(SQLite::Database& database, const std::string& path) {
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version <= kSchemaVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the log ", path, " has schema ", version,
                                                    ", this program knows up to ", kSchemaVersion,
                                                    ": use the release that wrote it, or a later one"));
}

}  // namespace

RecordTable::RecordTable(const std::string& path, int flags) : path_(path), database_(path, flags, kBusyTimeoutMs) {}

absl::StatusOr<std::unique_ptr<RecordTable>> RecordTable::Open(const std::string& path, Mode mode) {
  const bool write = mode == Mode::kWrite;
  if (!write && !std::filesystem::exists(path)) return absl::NotFoundError(absl::StrCat(path, " is not there yet"));
  std::unique_ptr<RecordTable> table;
  const absl::Status status = sqlite::Try("cannot open the log", path, [&]() -> absl::Status {
    table.reset(new RecordTable(path, write ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE : SQLite::OPEN_READONLY));
    ROSTER_RETURN_IF_ERROR(CheckSchema(table->database_, path));
    if (write) {
      table->database_.exec("PRAGMA journal_mode = WAL");
      table->database_.exec("PRAGMA synchronous = FULL");
      table->database_.exec("PRAGMA wal_autocheckpoint = 4000");
      table->database_.exec(kCreateTable);
      if (table->database_.execAndGet("PRAGMA user_version").getInt() == 0) {
        table->database_.exec(absl::StrCat("PRAGMA user_version = ", kSchemaVersion));
      }
    } else if (!table->database_.tableExists("records")) {
      return absl::NotFoundError(absl::StrCat(path, " holds no log yet"));
    }
    table->Prepare();
    table->file_ = IdentifyFile(path);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return table;
}

bool RecordTable::InPlace() const { return file_.has_value() && IdentifyFile(path_) == file_; }

void RecordTable::Prepare() {
  end_.emplace(database_, "SELECT coalesce(max(offset) + 1, 0) FROM records");
  read_.emplace(database_,
                "SELECT offset, key, value, headers, checksum FROM records WHERE offset >= ? ORDER BY offset LIMIT ?");
  insert_.emplace(database_, "INSERT INTO records (offset, key, value, headers, checksum) VALUES (?, ?, ?, ?, ?)");
}

absl::StatusOr<int64_t> RecordTable::End() {
  return sqlite::Try("cannot read the log", path_, [&]() -> int64_t {
    absl::Cleanup reset = [&] { end_->tryReset(); };
    end_->executeStep();
    return end_->getColumn(0).getInt64();
  });
}

absl::Status RecordTable::HandleRow(int64_t expected_offset, Reader::RecordHandler handler) {
  const int64_t offset = read_->getColumn(0).getInt64();
  if (offset != expected_offset) {
    return absl::DataLossError(
        absl::StrCat("the log ", path_, " is damaged: the record at offset ", expected_offset, " is missing"));
  }
  const OptionalBytes key = ColumnOptional(*read_, 1);
  const OptionalBytes value = ColumnOptional(*read_, 2);
  const absl::string_view headers = sqlite::ColumnBytes(*read_, 3);
  const bool intact = RowChecksum(offset, key, value, headers) == read_->getColumn(4).getInt64();
  if (!intact || !DecodeHeaders(headers, headers_)) {
    return absl::DataLossError(absl::StrCat("the log ", path_, " is damaged: the record at offset ", offset,
                                            " does not fit its checksum. Restore the file from a backup"));
  }
  handler({.location = {0, offset}, .key = key, .value = value, .headers = headers_});
  return absl::OkStatus();
}

absl::StatusOr<int> RecordTable::Read(int64_t offset, int max_records, Reader::RecordHandler handler) {
  int records = 0;
  const absl::Status status = sqlite::Try("cannot read the log", path_, [&] {
    absl::Cleanup reset = [&] { read_->tryReset(); };
    read_->bind(1, offset);
    read_->bind(2, max_records);
    while (read_->executeStep()) {
      ROSTER_RETURN_IF_ERROR(HandleRow(offset + records, handler));
      ++records;
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return records;
}

absl::Status RecordTable::Append(int64_t offset, absl::Span<const Record> records, bool* committing) {
  *committing = false;
  return sqlite::Try("cannot append to the log", path_, [&] {
    // Rolls back when it goes without a commit.
    SQLite::Transaction transaction(database_);
    for (const Record& record : records) {
      const std::string headers = EncodeHeaders(record.headers);
      insert_->bind(1, offset);
      BindOptional(*insert_, 2, record.key);
      BindOptional(*insert_, 3, record.value);
      sqlite::BindBytes(*insert_, 4, headers);
      insert_->bind(5, RowChecksum(offset, record.key, record.value, headers));
      absl::Cleanup reset = [&] { insert_->tryReset(); };
      insert_->exec();
      ++offset;
    }
    *committing = true;
    transaction.commit();
  });
}

absl::Status RecordTable::Checkpoint() {
  return sqlite::Try("cannot checkpoint the log", path_, [&]() -> absl::Status {
    SQLite::Statement checkpoint(database_, "PRAGMA wal_checkpoint(TRUNCATE)");
    checkpoint.executeStep();
    if (checkpoint.getColumn(0).getInt() == 0) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat("cannot checkpoint the log ", path_, ": a reader holds it"));
  });
}

}  // namespace roster::event_log
