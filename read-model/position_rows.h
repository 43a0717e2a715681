#ifndef ROSTER_READ_MODEL_POSITION_ROWS_H_
#define ROSTER_READ_MODEL_POSITION_ROWS_H_

#include "SQLiteCpp/SQLiteCpp.h"
#include "base/position.h"

namespace roster::read_model {

// Inside of the room: where the fold stands. Throws SQLite::Exception.
Checkpoint SelectCheckpoint(SQLite::Database& database);

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_POSITION_ROWS_H_
