#ifndef ROSTER_READ_MODEL_USERS_DIGEST_H_
#define ROSTER_READ_MODEL_USERS_DIGEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/functional/function_ref.h"

namespace roster::read_model {

// Inside of the room: by what two folds of the same users are found to be equal. All throw SQLite::Exception.

struct UsersDigest {
  int64_t users = 0;
  // 128 bits in hexadecimal; whatever the order of the rows.
  std::string digest;
};

// The columns of a user, without the row's id, which depends on the order in which users came.
std::vector<std::string> UserColumns(SQLite::Database& database);

// Over these columns of all users. Absent soon after `keep_going` turned false.
std::optional<UsersDigest> ComputeUsersDigest(SQLite::Database& database, const std::vector<std::string>& columns,
                                              absl::FunctionRef<bool()> keep_going);

// The value of one column, with its type.
std::string CanonicalValue(SQLite::Statement& row, int column);

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_USERS_DIGEST_H_
