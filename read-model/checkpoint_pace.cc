#include "read-model/checkpoint_pace.h"

#include <sqlite3.h>

namespace roster::read_model {
namespace {

// Of the log before a checkpoint, while there is something to fold: writes random e-mails four times as fast as
// SQLite's default. More often would also stall what is folded live: a thousand pages all over a file of a million
// users take 0.2 s to reach the disk.
constexpr int kPagesWhileBusy = 50'000;
// And while there is nothing: SQLite's default.
constexpr int kPagesWhileIdle = 1'000;
// A commit of that many pages says only how fresh the file is; that of one event has four.
constexpr int kIdleCommitPages = 2;

}  // namespace

CheckpointPace::CheckpointPace(SQLite::Database& database) {
  sqlite3_wal_hook(database.getHandle(), &CheckpointPace::OnCommit, this);
}

int CheckpointPace::OnCommit(void* pace, sqlite3* database, const char* name, int pages) {
  int& before = static_cast<CheckpointPace*>(pace)->pages_;
  // The log begins anew after a checkpoint that reached its end.
  const int committed = pages > before ? pages - before : pages;
  before = pages;
  if (pages < (committed <= kIdleCommitPages ? kPagesWhileIdle : kPagesWhileBusy)) return SQLITE_OK;
  // As far as readers allow. The transaction is committed either way: what fails here is met again by the next one.
  sqlite3_wal_checkpoint_v2(database, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  return SQLITE_OK;
}

}  // namespace roster::read_model
