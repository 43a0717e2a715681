#include "read-model/position_rows.h"

namespace roster::read_model {

Checkpoint SelectCheckpoint(SQLite::Database& database) {
  Checkpoint found;
  found.position.log_id = database.execAndGet("SELECT log_id FROM read_model").getString();
  SQLite::Statement select(database, "SELECT next_offset, last_checksum FROM partitions ORDER BY partition");
  while (select.executeStep()) {
    found.position.next_offsets.push_back(select.getColumn(0).getInt64());
    found.last_checksums.push_back(static_cast<uint64_t>(select.getColumn(1).getInt64()));
  }
  return found;
}

}  // namespace roster::read_model
