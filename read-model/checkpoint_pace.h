#ifndef ROSTER_READ_MODEL_CHECKPOINT_PACE_H_
#define ROSTER_READ_MODEL_CHECKPOINT_PACE_H_

#include "SQLiteCpp/SQLiteCpp.h"

namespace roster::read_model {

// Decides when what was committed moves from SQLite's write-ahead log into the database file (a checkpoint), in place
// of SQLite's own rule (wal_autocheckpoint), which knows one length only. While a projector catches up, commits are
// large and nobody waits for reads: a long log has each page written back once for many changes of it. Once it follows
// the log's end, readers count: what is in the file they read through their mapping of it, while each page in the log
// costs them a look-up, a system call and a copy. With a long log left behind by a catch-up, GetUser took 1.5 times
// and a ListUsers page 2 times as long.
//
// Thread safety: the thread of the database.
class CheckpointPace {
 public:
  // `database` must outlive this, and commit nothing afterwards.
  explicit CheckpointPace(SQLite::Database& database);
  CheckpointPace(const CheckpointPace&) = delete;
  CheckpointPace& operator=(const CheckpointPace&) = delete;

 private:
  static int OnCommit(void* pace, sqlite3* database, const char* name, int pages);

  // In the log after the last commit.
  int pages_ = 0;
};

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_CHECKPOINT_PACE_H_
