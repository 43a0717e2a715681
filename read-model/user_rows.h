#ifndef ROSTER_READ_MODEL_USER_ROWS_H_
#define ROSTER_READ_MODEL_USER_ROWS_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "SQLiteCpp/SQLiteCpp.h"
#include "roster/v1/user_event.pb.h"

namespace roster::read_model {

// The columns of a user's row that an index is over.
struct IndexedColumns {
  std::optional<std::string> email_key;
  int status = 0;
  int64_t create_time_us = 0;
};

// A user's row as an event finds it.
struct StoredUser {
  int64_t id = 0;
  int64_t version = 0;
  std::string event_id;
  IndexedColumns columns;
};

// Inside of the room: the table of users, and the counts by status that go with it. All throw SQLite::Exception.
//
// Thread safety: that of the connection, which must outlive it.
class UserRows {
 public:
  explicit UserRows(SQLite::Database& database);

  std::optional<StoredUser> Find(const std::string& user_id);
  // Returns the new row's id.
  int64_t Insert(const v1::UserEvent& event, int32_t partition, int64_t offset);
  void Update(const StoredUser& old, const v1::UserEvent& event, int32_t partition, int64_t offset);

  // Counts are kept aside and written once a transaction: to be called before its commit.
  void WriteCounts();
  // To be called when the transaction is rolled back.
  void ForgetCounts() { count_changes_.clear(); }

 private:
  void BindState(SQLite::Statement& statement, const v1::UserEvent& event, int32_t partition, int64_t offset);
  SQLite::Statement& UpdateStatement(int changed);

  SQLite::Database& database_;
  SQLite::Statement find_;
  SQLite::Statement insert_;
  SQLite::Statement add_to_count_;
  // One for each set of indexed columns that an event may change, made when first needed.
  std::array<std::unique_ptr<SQLite::Statement>, 8> update_;
  std::map<int, int64_t> count_changes_;
  // The serialised user, bound without a copy while a statement runs.
  std::string user_bytes_;
};

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_USER_ROWS_H_
