#include "read-model/backup.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "read-model/fsync_file.h"
#include "read-model/position_rows.h"
#include "read-model/schema.h"
#include "sqlite/sqlite.h"

namespace roster::read_model {
namespace {

constexpr int kBusyTimeoutMs = 2000;

std::string FolderOf(const std::string& file) {
  const std::string folder = std::filesystem::path(file).parent_path();
  return folder.empty() ? "." : folder;
}

absl::StatusOr<Position> ReadPosition(const std::string& file) {
  return sqlite::Try("cannot read", file, [&] {
    SQLite::Database database(file, SQLite::OPEN_READONLY, kBusyTimeoutMs);
    return SelectCheckpoint(database).position;
  });
}

// That a file is a whole read model of a schema that this program reads.
absl::Status Check(const std::string& file) {
  return sqlite::Try("cannot read", file, [&]() -> absl::Status {
    SQLite::Database database(file, SQLite::OPEN_READONLY, kBusyTimeoutMs);
    const int version = database.execAndGet("PRAGMA user_version").getInt();
    if (!IsReadableSchema(version)) {
      return absl::FailedPreconditionError(absl::StrCat(file, " is no read model of a schema from ",
                                                        kOldestReadableSchemaVersion, " to ", kSchemaVersion,
                                                        ": it has ", version));
    }
    const std::string fault = database.execAndGet("PRAGMA quick_check(1)").getString();
    return fault == "ok" ? absl::OkStatus() : absl::DataLossError(absl::StrCat(file, " is damaged: ", fault));
  });
}

}  // namespace

absl::StatusOr<Position> BackUp(const Folder& folder, const std::string& file) {
  ROSTER_ASSIGN_OR_RETURN(const std::optional<int64_t> live, folder.CurrentGeneration());
  if (!live) return absl::NotFoundError(absl::StrCat("there is no read model in ", folder.path(), " yet"));
  if (std::filesystem::exists(file)) {
    return absl::FailedPreconditionError(absl::StrCat(file, " is there already: name another file"));
  }
  // Under its name only once it is complete.
  const std::string partial = absl::StrCat(file, ".partial");
  std::error_code ignored;
  std::filesystem::remove(partial, ignored);
  absl::Cleanup remove_partial = [&] { std::filesystem::remove(partial, ignored); };
  ROSTER_RETURN_IF_ERROR(sqlite::Try("cannot back up to", file, [&] {
    SQLite::Database database(folder.DatabasePath(*live), SQLite::OPEN_READONLY, kBusyTimeoutMs);
    SQLite::Statement vacuum(database, "VACUUM INTO ?");
    vacuum.bind(1, partial);
    vacuum.exec();
  }));
  ROSTER_ASSIGN_OR_RETURN(Position position, ReadPosition(partial));
  ROSTER_RETURN_IF_ERROR(FsyncFile(partial));
  if (std::rename(partial.c_str(), file.c_str()) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("rename ", file));
  std::move(remove_partial).Cancel();
  ROSTER_RETURN_IF_ERROR(FsyncFolder(FolderOf(file)));
  return position;
}

absl::StatusOr<Position> Restore(const std::string& file, const Folder& folder) {
  if (!std::filesystem::exists(file)) return absl::NotFoundError(absl::StrCat("there is no file ", file));
  ROSTER_RETURN_IF_ERROR(Check(file));
  ROSTER_ASSIGN_OR_RETURN(const std::optional<int64_t> live, folder.CurrentGeneration());
  ROSTER_RETURN_IF_ERROR(folder.RemoveOtherGenerations());
  const int64_t generation = live.value_or(0) + 1;
  const std::string path = folder.DatabasePath(generation);
  absl::Cleanup remove_copy = [&] { (void)folder.RemoveGeneration(generation); };
  std::error_code error;
  std::filesystem::copy_file(file, path, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot copy ", file, " to ", path, ": ", error.message()));
  ROSTER_RETURN_IF_ERROR(sqlite::Try("cannot write", path, [&] {
    SQLite::Database database(path, SQLite::OPEN_READWRITE, kBusyTimeoutMs);
    database.exec("UPDATE read_model SET fresh_as_of_us = NULL");
  }));
  ROSTER_ASSIGN_OR_RETURN(Position position, ReadPosition(path));
  ROSTER_RETURN_IF_ERROR(FsyncFile(path));
  ROSTER_RETURN_IF_ERROR(folder.SetCurrentGeneration(generation));
  std::move(remove_copy).Cancel();
  folder.RingDoorbell();
  return position;
}

}  // namespace roster::read_model
