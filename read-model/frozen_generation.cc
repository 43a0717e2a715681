#include "read-model/frozen_generation.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/error.h"
#include "read-model/position_rows.h"
#include "read-model/users_digest.h"
#include "sqlite/sqlite.h"

namespace roster::read_model {
namespace {

constexpr int kBusyTimeoutMs = 2000;
constexpr int64_t kUsersBetweenLooks = 4096;

// The users of one generation in order of user_id.
class UserCursor {
 public:
  UserCursor(SQLite::Database& database, const std::vector<std::string>& columns)
      : select_(database,
                absl::StrCat("SELECT user_id, ", absl::StrJoin(columns, ", "), " FROM users ORDER BY user_id")) {
    Next();
  }

  bool at_end() const { return at_end_; }
  const std::string& user_id() const { return user_id_; }
  std::string Value(size_t column) { return CanonicalValue(select_, static_cast<int>(column) + 1); }
  void Next() {
    at_end_ = !select_.executeStep();
    user_id_ = at_end_ ? "" : select_.getColumn(0).getString();
  }

 private:
  SQLite::Statement select_;
  bool at_end_ = false;
  std::string user_id_;
};

// Steps the cursor with the lower user_id, or both. What the step found; no columns and nothing missing: equal.
UserDifference Step(UserCursor& first, UserCursor& second, const std::vector<std::string>& columns) {
  UserDifference difference;
  if (second.at_end() || (!first.at_end() && first.user_id() < second.user_id())) {
    difference.user_id = first.user_id();
    difference.missing_in_second = true;
    first.Next();
    return difference;
  }
  if (first.at_end() || second.user_id() < first.user_id()) {
    difference.user_id = second.user_id();
    difference.missing_in_first = true;
    second.Next();
    return difference;
  }
  difference.user_id = first.user_id();
  for (size_t i = 0; i < columns.size(); ++i) {
    if (first.Value(i) != second.Value(i)) difference.columns.push_back(columns[i]);
  }
  first.Next();
  second.Next();
  return difference;
}

bool IsDifferent(const UserDifference& step) {
  return step.missing_in_first || step.missing_in_second || !step.columns.empty();
}

}  // namespace

struct FrozenGeneration::Parts {
  explicit Parts(const std::string& path)
      : reading(absl::StrCat("cannot read the read model ", path)),
        database(path, SQLite::OPEN_READONLY, kBusyTimeoutMs) {}

  // Reads what is asked for most; the transaction holds everything else.
  void Freeze() {
    database.exec("BEGIN");
    schema_version = database.execAndGet("PRAGMA user_version").getInt();
    checkpoint = SelectCheckpoint(database);
    SQLite::Statement select(database, "SELECT changes_from_offset FROM partitions ORDER BY partition");
    while (select.executeStep()) changes_from_offsets.push_back(select.getColumn(0).getInt64());
  }

  const std::string reading;
  SQLite::Database database;
  int schema_version = 0;
  Checkpoint checkpoint;
  std::vector<int64_t> changes_from_offsets;
};

FrozenGeneration::FrozenGeneration(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
FrozenGeneration::~FrozenGeneration() = default;

absl::StatusOr<std::unique_ptr<FrozenGeneration>> FrozenGeneration::Open(const std::string& database_path) {
  if (!std::filesystem::exists(database_path)) {
    return absl::NotFoundError(absl::StrCat("there is no read model ", database_path));
  }
  std::unique_ptr<Parts> parts;
  ROSTER_RETURN_IF_ERROR(sqlite::Try("cannot open the read model", database_path, [&] {
    parts = std::make_unique<Parts>(database_path);
    parts->Freeze();
  }));
  return std::unique_ptr<FrozenGeneration>(new FrozenGeneration(std::move(parts)));
}

int FrozenGeneration::schema_version() const { return parts_->schema_version; }
const Checkpoint& FrozenGeneration::checkpoint() const { return parts_->checkpoint; }
const std::vector<int64_t>& FrozenGeneration::changes_from_offsets() const { return parts_->changes_from_offsets; }

absl::StatusOr<Comparison> CompareUsers(FrozenGeneration& first, FrozenGeneration& second, int max_differences,
                                        absl::FunctionRef<bool()> keep_going) {
  if (first.checkpoint().position != second.checkpoint().position) {
    return absl::FailedPreconditionError("the generations stand at different positions");
  }
  auto compared = sqlite::Try(second.parts_->reading, [&]() -> std::optional<Comparison> {
    SQLite::Database& one = first.parts_->database;
    SQLite::Database& other = second.parts_->database;
    std::vector<std::string> columns;
    const std::vector<std::string> others = UserColumns(other);
    for (const std::string& column : UserColumns(one)) {
      if (std::find(others.begin(), others.end(), column) != others.end()) columns.push_back(column);
    }
    const std::optional<UsersDigest> digest = ComputeUsersDigest(one, columns, keep_going);
    const std::optional<UsersDigest> other_digest = ComputeUsersDigest(other, columns, keep_going);
    if (!digest || !other_digest) return std::nullopt;
    Comparison comparison{first.checkpoint().position, digest->users, other_digest->users, 0, {}};
    if (digest->digest == other_digest->digest && digest->users == other_digest->users) return comparison;

    UserCursor cursor(one, columns);
    UserCursor other_cursor(other, columns);
    for (int64_t steps = 0; !cursor.at_end() || !other_cursor.at_end(); ++steps) {
      if (steps % kUsersBetweenLooks == 0 && !keep_going()) return std::nullopt;
      UserDifference step = Step(cursor, other_cursor, columns);
      if (!IsDifferent(step)) continue;
      ++comparison.differing_users;
      if (std::ssize(comparison.differences) < max_differences) comparison.differences.push_back(std::move(step));
    }
    return comparison;
  });
  if (!compared.ok()) return compared.status();
  if (!*compared) return absl::CancelledError("stopped while comparing");
  return **std::move(compared);
}

}  // namespace roster::read_model
