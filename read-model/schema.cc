#include "read-model/schema.h"

namespace roster::read_model {

const char kCreateTablesSql[] = R"sql(
-- One row: what is true of the file as a whole.
CREATE TABLE read_model (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  -- Identity of the log that this is a fold of; empty until its genesis record was read.
  log_id TEXT NOT NULL DEFAULT '',
  -- The file held every event recorded before this time. NULL: it has never reached the log's end.
  fresh_as_of_us INTEGER,
  -- When something older than the position was last applied after all, a redriven dead letter; 0: never. No position
  -- tells of that, so watches from before list again.
  older_applied_at_us INTEGER NOT NULL DEFAULT 0,
  -- When this generation was begun.
  made_at_us INTEGER NOT NULL DEFAULT 0
);
INSERT INTO read_model (id) VALUES (1);

-- The position: one row a partition.
CREATE TABLE partitions (
  partition INTEGER PRIMARY KEY,
  next_offset INTEGER NOT NULL,
  -- Checksum of the record at next_offset - 1, the 64 bits as a signed number.
  last_checksum INTEGER NOT NULL,
  -- `changes` is complete for offsets from here on.
  changes_from_offset INTEGER NOT NULL
);

-- Users as they stand, deleted ones included. A rowid table: faster to write than one keyed by text.
CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  user_id TEXT NOT NULL UNIQUE,
  -- The address in ASCII lower case; NULL for deleted users.
  email_key TEXT,
  status INTEGER NOT NULL,
  create_time_us INTEGER NOT NULL,
  version INTEGER NOT NULL,
  -- Of the event that made this state: its place in the order over all partitions, its id, and where it stands.
  sequence INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  partition INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  -- The serialised roster.v1.User, spliced into answers as it is.
  user BLOB NOT NULL
);

-- Every change, in the order of the log, for watches; old ones are dropped.
CREATE TABLE changes (
  partition INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  user_row INTEGER NOT NULL,
  -- When the change was folded.
  folded_at_us INTEGER NOT NULL,
  PRIMARY KEY (partition, offset)
) WITHOUT ROWID;

-- How many users have each status; kept with every change, since counting millions takes too long.
CREATE TABLE status_counts (
  status INTEGER PRIMARY KEY,
  users INTEGER NOT NULL
);

-- Records that could not be folded. What is long comes last, so that the rest is read without it.
CREATE TABLE dead_letters (
  partition INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  -- The key where it can be a user_id: whom the record may concern.
  user_id TEXT,
  -- Unreadable.reason and .message of user-event/sort_record.h.
  reason TEXT NOT NULL,
  message TEXT NOT NULL,
  folded_at_us INTEGER NOT NULL,
  -- 0: open. 1: redriven. 2: discarded.
  state INTEGER NOT NULL DEFAULT 0,
  -- Whether it was copied to the log's dead-letter topic.
  copied INTEGER NOT NULL DEFAULT 0,
  -- Length-prefixed keys and values, in order.
  headers BLOB NOT NULL,
  -- The raw bytes; NULL where the record had none.
  key BLOB,
  value BLOB,
  PRIMARY KEY (partition, offset)
);
)sql";

const char kCreateIndexesSql[] = R"sql(
-- The address is not unique: with several partitions its release by one user and its claim by another may be folded in
-- either order, so that for a moment two rows have it. The one with the highest sequence owns it.
CREATE INDEX users_by_email ON users (email_key, user_id) WHERE email_key IS NOT NULL;
CREATE INDEX users_by_create_time ON users (create_time_us, user_id);
CREATE INDEX users_by_status ON users (status, create_time_us, user_id);
CREATE INDEX open_dead_letters_by_user ON dead_letters (user_id, partition, offset) WHERE state = 0;
CREATE INDEX open_dead_letters ON dead_letters (partition, offset) WHERE state = 0;
CREATE INDEX uncopied_dead_letters ON dead_letters (partition, offset) WHERE copied = 0;
)sql";

}  // namespace roster::read_model
