#include "bench/ceilings/raw_scan.h"

#include <sqlite3.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace roster::bench {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

absl::Status Failure(sqlite3* database) { return absl::UnavailableError(sqlite3_errmsg(database)); }

}  // namespace

absl::StatusOr<RowsRead> ScanUsersRaw(const std::string& database_path) {
  sqlite3* opened = nullptr;
  const int result = sqlite3_open_v2(database_path.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
  const std::unique_ptr<sqlite3, CloseDatabase> database(opened);
  if (result != SQLITE_OK) return absl::UnavailableError(absl::StrCat("cannot open ", database_path));
  // As the query service reads it (read-model/reader.cc).
  sqlite3_exec(opened, "PRAGMA mmap_size = 2147418112", nullptr, nullptr, nullptr);
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(opened, "SELECT user FROM users", -1, &prepared, nullptr) != SQLITE_OK) return Failure(opened);
  const std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement(prepared);
  RowsRead read;
  int step = SQLITE_ROW;
  while ((step = sqlite3_step(prepared)) == SQLITE_ROW) {
    // Asking for the bytes is what reads them.
    if (sqlite3_column_blob(prepared, 0) != nullptr) read.bytes += sqlite3_column_bytes(prepared, 0);
    ++read.rows;
  }
  if (step != SQLITE_DONE) return Failure(opened);
  return read;
}

}  // namespace roster::bench
