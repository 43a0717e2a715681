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

// Looks at no more columns than the scan asks about.
bool Matches(SQLite::Statement& statement, const UserScan& scan, int status) {
  if (!scan.statuses.Has(status)) return false;
  if (!scan.email_prefix.empty() && !absl::StartsWith(sqlite::ColumnBytes(statement, 2), scan.email_prefix))
    return false;
  const UserScan any;
  if (scan.created_from_us == any.created_from_us && scan.created_before_us == any.created_before_us) return true;
  const int64_t created_us = statement.getColumn(3).getInt64();
  return created_us >= scan.created_from_us && created_us < scan.created_before_us;
}

UserKey KeyOf(SQLite::Statement& statement, UserOrder order) {
  UserKey key;
  key.user_id = std::string(sqlite::ColumnBytes(statement, 4));
  if (order == UserOrder::kCreateTime || order == UserOrder::kCreateTimeDescending)
    key.create_time_us = statement.getColumn(3).getInt64();
  if (order == UserOrder::kEmail || order == UserOrder::kEmailDescending)
    key.email_key = std::string(sqlite::ColumnBytes(statement, 2));
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

absl::StatusOr<std::optional<UserKey>> Snapshot::ScanUsers(
    const UserScan& scan, const std::optional<UserKey>& from, int max_examined,
    absl::FunctionRef<bool(const UserRow& user, absl::string_view user_id)> visit) {
  return connection_->Run(kReading, [&]() -> std::optional<UserKey> {
    const bool by_creation = scan.order == UserOrder::kCreateTime || scan.order == UserOrder::kCreateTimeDescending;
    const int only_status = scan.statuses.Only();
    const bool by_status = by_creation && only_status >= 0;
    SQLite::Statement& rows = connection_->ActivateScan(scan.order, by_status);
    BindRange(rows, scan, from);
    if (by_status) rows.bind(4, only_status);
    for (int examined = 0; rows.executeStep(); ++examined) {
      const UserRow row = RowOf(rows);
      if (examined == max_examined) return KeyOf(rows, scan.order);
      if (Matches(rows, scan, row.status) && !visit(row, sqlite::ColumnBytes(rows, 4))) return KeyOf(rows, scan.order);
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
