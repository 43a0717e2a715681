#ifndef ROSTER_BASE_POSITION_H_
#define ROSTER_BASE_POSITION_H_

#include <cstdint>
#include <string>
#include <vector>

namespace roster {

// Where a fold of a log stands: for each partition, one past the last real record folded; 0 where none was. Commit
// markers do not count, so a position taken from one reader can be reached by another.
//
// A value type. The one type for "how far": stored beside each fold, returned by each write, carried in each token.
struct Position {
  // The log's identity: the UUID in its genesis record. Empty: before the genesis record of any log.
  std::string log_id;
  // One for each partition; empty with an empty log_id.
  std::vector<int64_t> next_offsets;

  // Whether everything before `other` is before this position too: each component is at least as large. False for
  // positions of different logs. An empty `other` is reached by any position.
  bool Reaches(const Position& other) const;

  bool empty() const { return log_id.empty(); }

  friend bool operator==(const Position&, const Position&) = default;
};

// Position before the first record of a log.
Position StartOf(std::string log_id, int partitions);

// A position with, for each partition, a checksum of the last record before it: what a fold stores, so that a log put
// in another's place under the same name is noticed although the offsets fit (a recreated topic, a restored broker).
struct Checkpoint {
  Position position;
  // Checksum of the record at next_offset - 1, as RecordChecksum() in event-log makes it; 0 where next_offset is 0.
  std::vector<uint64_t> last_checksums;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

}  // namespace roster

#endif  // ROSTER_BASE_POSITION_H_
