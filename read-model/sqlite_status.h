#ifndef ROSTER_READ_MODEL_SQLITE_STATUS_H_
#define ROSTER_READ_MODEL_SQLITE_STATUS_H_

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace roster::read_model {

// What an error of SQLite means to a caller: UNAVAILABLE for what may pass (full disk, locked file, failed input or
// output), DATA_LOSS for a damaged file, INTERNAL for the rest. `doing` names file and action: "cannot write x.db".
absl::Status SqliteStatus(const SQLite::Exception& error, absl::string_view doing);

// Calls `body`, which returns an absl::Status or StatusOr; no exception of SQLiteCpp gets further than here.
template <typename Body>
auto CatchSqlite(absl::string_view doing, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const SQLite::Exception& error) {
    return SqliteStatus(error, doing);
  }
}

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_SQLITE_STATUS_H_
