#include "sqlite/sqlite.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"

namespace roster::sqlite {

absl::Status ToStatus(const SQLite::Exception& error, absl::string_view what, absl::string_view file) {
  const std::string message = absl::StrCat(what, file.empty() ? "" : " ", file, ": ", error.what(), " (SQLite ",
                                           error.getErrorCode(), "/", error.getExtendedErrorCode(), ")");
  // -1 where SQLiteCpp was given one code only.
  const int code = error.getExtendedErrorCode() > 0 ? error.getExtendedErrorCode() : error.getErrorCode();
  // Cut short: what is missing does not come back by waiting.
  if (code == SQLITE_IOERR_SHORT_READ) return absl::DataLossError(message);
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
      return absl::UnavailableError(message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(message);
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return absl::FailedPreconditionError(message);
    default:
      return absl::InternalError(message);
  }
}

absl::string_view ColumnBytes(SQLite::Statement& statement, int column) {
  const SQLite::Column value = statement.getColumn(column);
  const void* data = value.getBlob();
  return data == nullptr ? absl::string_view("") : absl::string_view(static_cast<const char*>(data), value.getBytes());
}

void BindBytes(SQLite::Statement& statement, int index, absl::string_view bytes) {
  // SQLite takes a null pointer for NULL.
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  statement.bindNoCopy(index, static_cast<const void*>(data), static_cast<int>(bytes.size()));
}

void BindText(SQLite::Statement& statement, int index, absl::string_view text) {
  // SQLiteCpp's text binding without a copy wants a std::string or an end marked with NUL.
  statement.bind(index, std::string(text));
}

}  // namespace roster::sqlite
