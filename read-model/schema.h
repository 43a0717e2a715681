#ifndef ROSTER_READ_MODEL_SCHEMA_H_
#define ROSTER_READ_MODEL_SCHEMA_H_

namespace roster::read_model {

// Generation of the schema below, kept in the file's user_version. A file of another generation is made anew from the
// log.
inline constexpr int kSchemaVersion = 2;

// The tables of one read-model file. Times are microseconds since 1970, UTC. The writer is writer.h, the reader
// reader.h.
extern const char kCreateTablesSql[];

// The indexes, apart from the tables, since a rebuild creates them last.
extern const char kCreateIndexesSql[];

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_SCHEMA_H_
