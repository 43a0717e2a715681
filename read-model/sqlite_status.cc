#include "read-model/sqlite_status.h"

#include <sqlite3.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace roster::read_model {

absl::Status SqliteStatus(const SQLite::Exception& error, absl::string_view doing) {
  const std::string message = absl::StrCat(doing, ": ", error.what());
  switch (error.getErrorCode() & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT:
    case SQLITE_PROTOCOL:
      return absl::UnavailableError(message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(absl::StrCat(
          message, ": the file is damaged; stop the projector, remove the folder, and the read model is made anew"));
    default:
      return absl::InternalError(message);
  }
}

}  // namespace roster::read_model
