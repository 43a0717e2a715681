#include "read-model/inspector.h"

#include <filesystem>
#include <utility>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "read-model/dead_letter_rows.h"
#include "read-model/position_rows.h"
#include "read-model/schema.h"
#include "read-model/users_digest.h"
#include "sqlite/sqlite.h"

namespace roster::read_model {
namespace {

constexpr int kBusyTimeoutMs = 2000;
constexpr int kSchemaVersionWithMadeAt = 3;

std::optional<std::string> OptionalText(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return column.getString();
}

}  // namespace

struct Inspector::Parts {
  explicit Parts(const std::string& path)
      : reading(absl::StrCat("cannot read the read model ", path)),
        database(path, SQLite::OPEN_READONLY, kBusyTimeoutMs) {}

  const std::string reading;
  SQLite::Database database;
  int64_t generation = 0;
  int schema_version = 0;
};

Inspector::Inspector(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Inspector::~Inspector() = default;

absl::StatusOr<std::unique_ptr<Inspector>> Inspector::Open(const Folder& folder) {
  ROSTER_ASSIGN_OR_RETURN(const std::optional<int64_t> generation, folder.CurrentGeneration());
  if (!generation || !std::filesystem::exists(folder.DatabasePath(*generation))) {
    return absl::NotFoundError(absl::StrCat("there is no read model in ", folder.path(), " yet"));
  }
  const std::string path = folder.DatabasePath(*generation);
  std::unique_ptr<Parts> parts;
  ROSTER_RETURN_IF_ERROR(sqlite::Try("cannot open the read model", path, [&]() -> absl::Status {
    parts = std::make_unique<Parts>(path);
    const int version = parts->database.execAndGet("PRAGMA user_version").getInt();
    parts->generation = *generation;
    parts->schema_version = version;
    if (IsReadableSchema(version)) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(path, " has schema ", version, ", and this program knows ",
                                                      kOldestReadableSchemaVersion, " to ", kSchemaVersion));
  }));
  return std::unique_ptr<Inspector>(new Inspector(std::move(parts)));
}

absl::StatusOr<Summary> Inspector::Summarize() {
  return sqlite::Try(parts_->reading, [&] {
    SQLite::Transaction snapshot(parts_->database);
    Summary summary;
    summary.checkpoint = SelectCheckpoint(parts_->database);
    summary.position = summary.checkpoint.position;
    summary.generation = parts_->generation;
    if (parts_->schema_version >= kSchemaVersionWithMadeAt) {
      summary.made_at =
          absl::FromUnixMicros(parts_->database.execAndGet("SELECT made_at_us FROM read_model").getInt64());
    }
    SQLite::Statement fresh(parts_->database, "SELECT fresh_as_of_us FROM read_model WHERE fresh_as_of_us IS NOT NULL");
    if (fresh.executeStep()) summary.fresh_as_of = absl::FromUnixMicros(fresh.getColumn(0).getInt64());
    SQLite::Statement users(parts_->database, "SELECT status, users FROM status_counts");
    while (users.executeStep()) summary.users_by_status[users.getColumn(0).getInt()] = users.getColumn(1).getInt64();
    SQLite::Statement letters(parts_->database, "SELECT state, count(*) FROM dead_letters GROUP BY state");
    while (letters.executeStep()) {
      summary.dead_letters[static_cast<DeadLetterState>(letters.getColumn(0).getInt())] =
          letters.getColumn(1).getInt64();
    }
    return summary;
  });
}

absl::StatusOr<std::vector<DeadLetterRow>> Inspector::ListDeadLetters(bool only_open, std::optional<DeadLetterId> after,
                                                                      int max_rows) {
  return sqlite::Try(parts_->reading, [&] {
    SQLite::Statement select(
        parts_->database,
        absl::StrCat("SELECT partition, offset, user_id, reason, message, folded_at_us, state, copied, length(value) "
                     "FROM dead_letters WHERE ",
                     only_open ? "state = 0" : "true",
                     " AND (partition, offset) > (?, ?) ORDER BY partition, offset LIMIT ?"));
    const DeadLetterId bound = after.value_or(DeadLetterId{-1, -1});
    select.bind(1, bound.partition);
    select.bind(2, bound.offset);
    select.bind(3, max_rows);
    std::vector<DeadLetterRow> rows;
    while (select.executeStep()) {
      DeadLetterRow& row = rows.emplace_back();
      row.id = {select.getColumn(0).getInt(), select.getColumn(1).getInt64()};
      row.user_id = OptionalText(select.getColumn(2));
      row.reason = select.getColumn(3).getString();
      row.message = select.getColumn(4).getString();
      row.folded_at = absl::FromUnixMicros(select.getColumn(5).getInt64());
      row.state = static_cast<DeadLetterState>(select.getColumn(6).getInt());
      row.copied = select.getColumn(7).getInt() != 0;
      if (!select.getColumn(8).isNull()) row.value_bytes = select.getColumn(8).getInt64();
    }
    return rows;
  });
}

absl::StatusOr<std::vector<DeadLetterId>> Inspector::ListUncopiedDeadLetters(std::optional<DeadLetterId> after,
                                                                             int max_rows) {
  return sqlite::Try(parts_->reading,
                     [&] { return SelectDeadLetterIds(parts_->database, "copied = 0", after, max_rows); });
}

absl::StatusOr<std::optional<StoredDeadLetter>> Inspector::ReadDeadLetter(DeadLetterId id) {
  return sqlite::Try(parts_->reading, [&] { return SelectDeadLetter(parts_->database, id); });
}

absl::StatusOr<Digest> Inspector::ComputeDigest() {
  return sqlite::Try(parts_->reading, [&] {
    SQLite::Transaction snapshot(parts_->database);
    Digest digest;
    digest.position = SelectCheckpoint(parts_->database).position;
    const std::optional<UsersDigest> users =
        ComputeUsersDigest(parts_->database, UserColumns(parts_->database), [] { return true; });
    digest.users = users->users;
    digest.users_digest = users->digest;
    return digest;
  });
}

}  // namespace roster::read_model
