#include "read-model/users_digest.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/siphash.h"
#include "base/token.h"
#include "sqlite/sqlite.h"

namespace roster::read_model {
namespace {

// Users between two looks at whether to go on.
constexpr int64_t kUsersBetweenLooks = 4096;

void AppendValue(SQLite::Statement& row, int index, TokenWriter& writer) {
  const SQLite::Column column = row.getColumn(index);
  writer.Int(static_cast<uint64_t>(column.getType()));
  if (column.isInteger()) {
    writer.Int(static_cast<uint64_t>(column.getInt64()));
  } else {
    writer.String(sqlite::ColumnBytes(row, index));
  }
}

}  // namespace

std::vector<std::string> UserColumns(SQLite::Database& database) {
  std::vector<std::string> columns;
  SQLite::Statement select(database, "SELECT name FROM pragma_table_info('users') WHERE name <> 'id' ORDER BY cid");
  while (select.executeStep()) columns.push_back(select.getColumn(0).getString());
  return columns;
}

std::optional<UsersDigest> ComputeUsersDigest(SQLite::Database& database, const std::vector<std::string>& columns,
                                              absl::FunctionRef<bool()> keep_going) {
  SQLite::Statement select(database, absl::StrCat("SELECT ", absl::StrJoin(columns, ", "), " FROM users"));
  UsersDigest result;
  // Sums do not depend on the order of the rows.
  uint64_t high = 0;
  uint64_t low = 0;
  for (; select.executeStep(); ++result.users) {
    if (result.users % kUsersBetweenLooks == 0 && !keep_going()) return std::nullopt;
    TokenWriter writer;
    for (int i = 0; i < select.getColumnCount(); ++i) AppendValue(select, i, writer);
    const std::string user = writer.Take();
    high += SipHash({0, 0}, user);
    low += SipHash({0, 1}, user);
  }
  result.digest = absl::StrFormat("%016x%016x", high, low);
  return result;
}

std::string CanonicalValue(SQLite::Statement& row, int column) {
  TokenWriter writer;
  AppendValue(row, column, writer);
  return writer.Take();
}

}  // namespace roster::read_model
