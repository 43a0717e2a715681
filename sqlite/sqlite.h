#ifndef ROSTER_SQLITE_SQLITE_H_
#define ROSTER_SQLITE_SQLITE_H_

#include <string>
#include <type_traits>
#include <utility>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// What every room that keeps an SQLite file shares.
namespace roster::sqlite {

// `error` as a status, told apart by what is to be done about it:
//   UNAVAILABLE          may pass: the file is locked, the disk is full or gives I/O errors. Try again later.
//   DATA_LOSS            the file is damaged, or is no database.
//   FAILED_PRECONDITION  cannot be opened or written by this process: permissions, a read-only file system.
//   INTERNAL             anything else: a fault of ours.
// `what` says what was tried; `file` is named after it.
absl::Status ToStatus(const SQLite::Exception& error, absl::string_view what, absl::string_view file = "");

// Runs `action` and turns the exceptions of SQLiteCpp into a status, so that none crosses a room's border. `action`
// returns nothing, a status, or a value. Costs nothing where there is no exception.
template <typename Action>
auto Try(absl::string_view what, absl::string_view file, Action&& action) {
  using Result = std::invoke_result_t<Action>;
  if constexpr (std::is_void_v<Result>) {
    try {
      action();
      return absl::OkStatus();
    } catch (const SQLite::Exception& error) {
      return ToStatus(error, what, file);
    }
  } else if constexpr (std::is_same_v<Result, absl::Status>) {
    try {
      return action();
    } catch (const SQLite::Exception& error) {
      return ToStatus(error, what, file);
    }
  } else {
    using Value = absl::StatusOr<Result>;
    try {
      return Value(action());
    } catch (const SQLite::Exception& error) {
      return Value(ToStatus(error, what, file));
    }
  }
}

// The same, where `what` names the file.
template <typename Action>
auto Try(absl::string_view what, Action&& action) {
  return Try(what, "", std::forward<Action>(action));
}

// A blob or text column as bytes; valid until the statement steps or resets.
absl::string_view ColumnBytes(SQLite::Statement& statement, int column);

// Binds without copying: `bytes` must stay until the statement is reset. Empty bytes are an empty blob, not NULL.
void BindBytes(SQLite::Statement& statement, int index, absl::string_view bytes);
void BindText(SQLite::Statement& statement, int index, absl::string_view text);

}  // namespace roster::sqlite

#endif  // ROSTER_SQLITE_SQLITE_H_
