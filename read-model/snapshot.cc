#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "read-model/read_connection.h"
#include "read-model/reader.h"

namespace roster::read_model {
namespace {

constexpr char kReading[] = "cannot read the read model";

UserRow RowOf(SQLite::Statement& statement) {
  return UserRow{.user = sqlite::ColumnBytes(statement, 0), .status = statement.getColumn(1).getInt()};
}

std::optional<UserRow> StepToRow(SQLite::Statement& statement) {
  if (!statement.executeStep()) return std::nullopt;
  return RowOf(statement);
}

bool IsDescending(UserOrder order) {
  return order == UserOrder::kCreateTimeDescending || order == UserOrder::kEmailDescending ||
         order == UserOrder::kUserIdDescending;
}

// Any blob is greater than any text: the end of all texts.
void BindEndOfTexts(SQLite::Statement& statement, int index) { sqlite::BindBytes(statement, index, ""); }

void BindEndOfPrefix(SQLite::Statement& statement, int index, const std::string& prefix) {
  const std::string end = EndOfPrefix(prefix);
  if (end.empty()) {
    BindEndOfTexts(statement, index);
  } else {
    statement.bind(index, end);
  }
}

// Binds the range that `scan` leaves of its order, from `from` on.
void BindRange(SQLite::Statement& statement, const UserScan& scan, const std::optional<UserKey>& from) {
  const bool descending = IsDescending(scan.order);
  switch (scan.order) {
    case UserOrder::kCreateTime:
    case UserOrder::kCreateTimeDescending: {
      const int64_t low = scan.created_from_us;
      const int64_t high = scan.created_before_us;
      statement.bind(1, from ? from->create_time_us : (descending ? high : low));
      statement.bind(2, from ? from->user_id : "");
      statement.bind(3, descending ? low : high);
      return;
    }
    case UserOrder::kEmail:
    case UserOrder::kEmailDescending:
      if (from) {
        statement.bind(1, from->email_key);
      } else if (descending) {
        BindEndOfPrefix(statement, 1, scan.email_prefix);
      } else {
        statement.bind(1, scan.email_prefix);
      }
      statement.bind(2, from ? from->user_id : "");
      if (descending) {
        statement.bind(3, scan.email_prefix);
      } else {
        BindEndOfPrefix(statement, 3, scan.email_prefix);
      }
      return;
    case UserOrder::kUserId:
    case UserOrder::kUserIdDescending:
      if (from || !descending) {
        statement.bind(2, from ? from->user_id : "");
      } else {
        BindEndOfTexts(statement, 2);
      }
      return;
  }
}

// What the keys of a row with keys (UserScanSql) say.
bool KeysMatch(SQLite::Statement& row, const UserScan& scan) {
  if (!scan.email_prefix.empty() && !absl::StartsWith(sqlite::ColumnBytes(row, 3), scan.email_prefix)) return false;
  const int64_t created_us = row.getColumn(4).getInt64();
  return created_us >= scan.created_from_us && created_us < scan.created_before_us;
}

// Of the row with this id; ends a scan under way.
UserKey FindKey(ReadConnection& connection, int64_t row_id, UserOrder order) {
  SQLite::Statement& find = connection.Activate(connection.find_key_by_row);
  find.bind(1, row_id);
  find.executeStep();
  UserKey key;
  if (order == UserOrder::kEmail || order == UserOrder::kEmailDescending)
    key.email_key = std::string(sqlite::ColumnBytes(find, 0));
  if (order == UserOrder::kCreateTime || order == UserOrder::kCreateTimeDescending)
    key.create_time_us = find.getColumn(1).getInt64();
  key.user_id = std::string(sqlite::ColumnBytes(find, 2));
  return key;
}

}  // namespace

Snapshot::Snapshot(Snapshot&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}

Snapshot::~Snapshot() {
  if (connection_ != nullptr) connection_->EndSnapshot();
}

const Head& Snapshot::head() const { return connection_->head; }
const std::string& Snapshot::consistency_token() const { return connection_->consistency_token; }

absl::StatusOr<std::optional<UserRow>> Snapshot::FindUser(absl::string_view user_id) {
  return connection_->Run(kReading, [&] {
    SQLite::Statement& find = connection_->Activate(connection_->find_by_id);
    sqlite::BindText(find, 1, user_id);
    return StepToRow(find);
  });
}

absl::StatusOr<std::optional<UserRow>> Snapshot::FindUserByEmail(absl::string_view email_key) {
  return connection_->Run(kReading, [&] {
    SQLite::Statement& find = connection_->Activate(connection_->find_by_email);
    sqlite::BindText(find, 1, email_key);
    return StepToRow(find);
  });
}

absl::StatusOr<std::optional<UserRow>> Snapshot::FindUserByRow(int64_t user_row) {
  return connection_->Run(kReading, [&] {
    SQLite::Statement& find = connection_->Activate(connection_->find_by_row);
    find.bind(1, user_row);
    return StepToRow(find);
  });
}

absl::StatusOr<std::optional<UserKey>> Snapshot::ScanUsers(const UserScan& scan, const std::optional<UserKey>& from,
                                                           int max_examined,
                                                           absl::FunctionRef<bool(const UserRow& user)> visit) {
  return connection_->Run(kReading, [&]() -> std::optional<UserKey> {
    const bool by_creation = scan.order == UserOrder::kCreateTime || scan.order == UserOrder::kCreateTimeDescending;
    const int only_status = scan.statuses.Only();
    const bool by_status = by_creation && only_status >= 0;
    const bool with_keys = scan.needs_keys();
    SQLite::Statement& rows = connection_->ActivateScan(scan.order, by_status, with_keys);
    BindRange(rows, scan, from);
    if (by_status) rows.bind(4, only_status);
    for (int examined = 0; rows.executeStep(); ++examined) {
      UserRow row = RowOf(rows);
      if (with_keys) row.user_id = sqlite::ColumnBytes(rows, 5);
      const bool matches = scan.statuses.Has(row.status) && (!with_keys || KeysMatch(rows, scan));
      if (examined == max_examined || (matches && !visit(row)))
        return FindKey(*connection_, rows.getColumn(2).getInt64(), scan.order);
    }
    return std::nullopt;
  });
}

absl::StatusOr<std::vector<Change>> Snapshot::ReadChanges(int32_t partition, int64_t from_offset, int max_rows) {
  return connection_->Run(kReading, [&] {
    SQLite::Statement& select = connection_->Activate(connection_->select_changes);
    select.bind(1, partition);
    select.bind(2, from_offset);
    select.bind(3, max_rows);
    std::vector<Change> changes;
    while (select.executeStep()) {
      changes.push_back({.offset = select.getColumn(0).getInt64(), .user_row = select.getColumn(1).getInt64()});
    }
    return changes;
  });
}

absl::StatusOr<bool> Snapshot::HasOpenDeadLetter(const Position& below, std::optional<absl::string_view> user_id) {
  return connection_->Run(kReading, [&] {
    for (size_t partition = 0; partition < below.next_offsets.size(); ++partition) {
      SQLite::Statement& find =
          connection_->Activate(user_id ? connection_->find_dead_letter_of_user : connection_->find_dead_letter);
      find.bind(1, static_cast<int64_t>(partition));
      find.bind(2, below.next_offsets[partition]);
      if (user_id) sqlite::BindText(find, 3, *user_id);
      if (find.executeStep()) return true;
    }
    return false;
  });
}

absl::StatusOr<DeadLetterSummary> Snapshot::SummarizeDeadLetters(int max_user_ids) {
  return connection_->Run(kReading, [&] {
    DeadLetterSummary summary;
    SQLite::Statement count(connection_->database, "SELECT count(*) FROM dead_letters WHERE state = 0");
    if (count.executeStep()) summary.open = count.getColumn(0).getInt64();
    if (summary.open == 0) return summary;
    SQLite::Statement users(
        connection_->database,
        "SELECT user_id, min(folded_at_us) AS oldest FROM dead_letters WHERE state = 0 AND user_id IS NOT NULL "
        "GROUP BY user_id ORDER BY oldest, user_id LIMIT ?");
    users.bind(1, max_user_ids);
    while (users.executeStep()) summary.user_ids.push_back(users.getColumn(0).getString());
    return summary;
  });
}

absl::StatusOr<std::map<int, int64_t>> Snapshot::CountUsers() {
  return connection_->Run(kReading, [&] {
    std::map<int, int64_t> counts;
    SQLite::Statement select(connection_->database, "SELECT status, users FROM status_counts");
    while (select.executeStep()) counts[select.getColumn(0).getInt()] = select.getColumn(1).getInt64();
    return counts;
  });
}

}  // namespace roster::read_model
