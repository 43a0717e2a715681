#ifndef ROSTER_READ_MODEL_SCHEMA_H_
#define ROSTER_READ_MODEL_SCHEMA_H_

namespace roster::read_model {

// Version of the schema below, kept in the file's user_version. A projector that finds a file of an older one makes a
// new generation from the log. Count up with each change of the tables or indexes, or of what they hold.
inline constexpr int kSchemaVersion = 3;

// Readers answer from files of this version on too, so that the old generation serves until the new one is made. What
// they read must stand in all of them: 3 added read_model.made_at_us, which no query needs.
inline constexpr int kOldestReadableSchemaVersion = 2;

constexpr bool IsReadableSchema(int version) {
  return version >= kOldestReadableSchemaVersion && version <= kSchemaVersion;
}

// The tables of one read-model file. Times are microseconds since 1970, UTC. The writer is writer.h, the reader
// reader.h.
extern const char kCreateTablesSql[];

// The indexes, apart from the tables, since a rebuild creates them last.
extern const char kCreateIndexesSql[];

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_SCHEMA_H_
