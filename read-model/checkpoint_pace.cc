#include "read-model/checkpoint_pace.h"

#include <sqlite3.h>

namespace roster::read_model {
namespace {

// Of the log before a checkpoint, while catching up: writes random e-mails four times as fast as SQLite's default.
constexpr int kPagesCatchingUp = 50'000;
// And while following the log's end: SQLite's default.
constexpr int kPagesFollowing = 1'000;
// A commit of more pages is one that catches up: a user signed up takes five.
constexpr int kLargeCommitPages = 500;

}  // namespace

CheckpointPace::CheckpointPace(SQLite::Database& database) {
  sqlite3_wal_hook(database.getHandle(), &CheckpointPace::OnCommit, this);
}

int CheckpointPace::OnCommit(void* pace, sqlite3* database, const char* name, int pages) {
  int& before = static_cast<CheckpointPace*>(pace)->pages_;
  // The log begins anew after a checkpoint that reached its end.
  const int committed = pages > before ? pages - before : pages;
  before = pages;
  if (pages < (committed > kLargeCommitPages ? kPagesCatchingUp : kPagesFollowing)) return SQLITE_OK;
  // As far as readers allow. The transaction is committed either way: what fails here is met again by the next one.
  sqlite3_wal_checkpoint_v2(database, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  return SQLITE_OK;
}

}  // namespace roster::read_model
