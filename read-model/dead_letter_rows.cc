#include "read-model/dead_letter_rows.h"

#include "base/token.h"
#include "sqlite/sqlite.h"

namespace roster::read_model {
namespace {

void BindOptionalBytes(SQLite::Statement& statement, int index, const std::optional<std::string>& bytes) {
  if (bytes) {
    sqlite::BindBytes(statement, index, *bytes);
  } else {
    statement.bind(index);
  }
}

std::optional<std::string> OptionalString(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return column.getString();
}

}  // namespace

std::string EncodeHeaders(const std::vector<std::pair<std::string, std::string>>& headers) {
  TokenWriter writer;
  for (const auto& [key, value] : headers) {
    writer.String(key);
    writer.String(value);
  }
  return writer.Take();
}

std::vector<std::pair<std::string, std::string>> DecodeHeaders(const std::string& bytes) {
  std::vector<std::pair<std::string, std::string>> headers;
  TokenReader reader(bytes);
  while (reader.ok() && !reader.Finished()) {
    std::string key = reader.String();
    std::string value = reader.String();
    if (reader.ok()) headers.emplace_back(std::move(key), std::move(value));
  }
  return headers;
}

void InsertDeadLetter(SQLite::Database& database, const DeadLetter& letter, int64_t folded_at_us) {
  SQLite::Statement insert(
      database,
      "INSERT INTO dead_letters (partition, offset, key, value, headers, user_id, reason, message, folded_at_us) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const std::string headers = EncodeHeaders(letter.headers);
  insert.bind(1, letter.id.partition);
  insert.bind(2, letter.id.offset);
  BindOptionalBytes(insert, 3, letter.key);
  BindOptionalBytes(insert, 4, letter.value);
  sqlite::BindBytes(insert, 5, headers);
  if (letter.user_id) {
    insert.bindNoCopy(6, *letter.user_id);
  } else {
    insert.bind(6);
  }
  insert.bindNoCopy(7, letter.reason);
  insert.bindNoCopy(8, letter.message);
  insert.bind(9, folded_at_us);
  insert.exec();
}

std::optional<StoredDeadLetter> SelectDeadLetter(SQLite::Database& database, DeadLetterId id) {
  SQLite::Statement select(
      database,
      "SELECT key, value, headers, user_id, reason, message, folded_at_us, state, copied FROM dead_letters "
      "WHERE partition = ? AND offset = ?");
  select.bind(1, id.partition);
  select.bind(2, id.offset);
  if (!select.executeStep()) return std::nullopt;
  StoredDeadLetter stored;
  stored.letter.id = id;
  stored.letter.key = OptionalString(select.getColumn(0));
  stored.letter.value = OptionalString(select.getColumn(1));
  stored.letter.headers = DecodeHeaders(select.getColumn(2).getString());
  stored.letter.user_id = OptionalString(select.getColumn(3));
  stored.letter.reason = select.getColumn(4).getString();
  stored.letter.message = select.getColumn(5).getString();
  stored.folded_at = absl::FromUnixMicros(select.getColumn(6).getInt64());
  stored.state = static_cast<DeadLetterState>(select.getColumn(7).getInt());
  stored.copied = select.getColumn(8).getInt() != 0;
  return stored;
}

std::vector<DeadLetterId> SelectDeadLetterIds(SQLite::Database& database, const std::string& condition,
                                              std::optional<DeadLetterId> after, int max_rows) {
  SQLite::Statement select(database, "SELECT partition, offset FROM dead_letters WHERE (" + condition +
                                         ") AND (partition, offset) > (?, ?) ORDER BY partition, offset LIMIT ?");
  const DeadLetterId bound = after.value_or(DeadLetterId{-1, -1});
  select.bind(1, bound.partition);
  select.bind(2, bound.offset);
  select.bind(3, max_rows);
  std::vector<DeadLetterId> ids;
  while (select.executeStep()) ids.push_back({select.getColumn(0).getInt(), select.getColumn(1).getInt64()});
  return ids;
}

}  // namespace roster::read_model
