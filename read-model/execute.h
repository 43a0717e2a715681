#ifndef ROSTER_READ_MODEL_EXECUTE_H_
#define ROSTER_READ_MODEL_EXECUTE_H_

#include "SQLiteCpp/SQLiteCpp.h"
#include "absl/cleanup/cleanup.h"

namespace roster::read_model {

// Inside of the room: runs a kept statement that answers no rows, and makes it ready for the next time, also when it
// throws.
inline void Execute(SQLite::Statement& statement) {
  const absl::Cleanup reset = [&] { statement.tryReset(); };
  statement.exec();
}

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_EXECUTE_H_
