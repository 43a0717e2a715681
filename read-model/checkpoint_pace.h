#ifndef ROSTER_READ_MODEL_CHECKPOINT_PACE_H_
#define ROSTER_READ_MODEL_CHECKPOINT_PACE_H_

#include "SQLiteCpp/SQLiteCpp.h"

namespace roster::read_model {

// Decides when what was committed moves from SQLite's write-ahead log into the database file (a checkpoint), in place
// of SQLite's own rule (wal_autocheckpoint), which knows one length only. While there is something to fold a long log
// is best: each page is written back once for many changes of it, and none waits for the disk. Once there is nothing,
// readers count: what is in the file they read through their mapping of it, while each page in the log costs them a
// look-up, a system call and a copy (a seventh of the processor time of GetUser).
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
