#ifndef ROSTER_READ_MODEL_READ_CONNECTION_H_
#define ROSTER_READ_MODEL_READ_CONNECTION_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/strings/string_view.h"
#include "base/file_identity.h"
#include "read-model/reader.h"
#include "sqlite/sqlite.h"

namespace roster::read_model {

// Inside of the room: the open file behind a Reader and its snapshots.

// Which file stands under a path, and how large it is.
struct FileState {
  FileIdentity identity;
  off_t size_bytes = 0;
};

struct ReadConnection {
  // Throws SQLite::Exception.
  explicit ReadConnection(const std::string& path);

  // Runs `action`, turns exceptions into a status, and has the file opened anew after any.
  template <typename Action>
  auto Run(absl::string_view what, Action&& action) {
    auto result = sqlite::Try(what, path, action);
    if (!result.ok()) broken = true;
    return result;
  }

  // Makes `statement` the one that is read from: one at a time, so that the end of the snapshot finds it.
  SQLite::Statement& Activate(SQLite::Statement& statement);
  SQLite::Statement& ActivateScan(UserOrder order, bool by_status, bool with_keys);
  void EndSnapshot();
  // Reads `head` where the file has changed since; to be called with `hold` on its row.
  void RefreshHead();

  const std::string path;
  SQLite::Database database;
  // Stands on its row while there is a snapshot: that is what holds it, and saves a BEGIN and a COMMIT for each.
  SQLite::Statement hold;
  SQLite::Statement select_head;
  SQLite::Statement select_partitions;
  SQLite::Statement find_by_id;
  SQLite::Statement find_by_email;
  SQLite::Statement find_by_row;
  SQLite::Statement find_key_by_row;
  SQLite::Statement select_changes;
  SQLite::Statement find_dead_letter;
  SQLite::Statement find_dead_letter_of_user;
  // Made when first needed.
  std::array<std::unique_ptr<SQLite::Statement>, 24> scans;
  SQLite::Statement* active = nullptr;

  int64_t generation = 0;
  FileState file;
  bool broken = false;
  // SQLite's counter of changes by others; the head below was read at it.
  unsigned data_version = 0;
  bool has_head = false;
  Head head;
  std::string consistency_token;
};

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_READ_CONNECTION_H_
