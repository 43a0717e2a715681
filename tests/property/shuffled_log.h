#ifndef ROSTER_TESTS_PROPERTY_SHUFFLED_LOG_H_
#define ROSTER_TESTS_PROPERTY_SHUFFLED_LOG_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event-log/event_log.h"
#include "tests/property/rounds.h"

namespace roster::test {

// A record with its place.
struct PlacedRecord {
  event_log::RecordLocation location;
  event_log::Record record;
};

// Records of one log as another one may hold them, and hand them out. All keep the order within each partition.
// The first is the genesis record.

// Over `partitions` by key, with the genesis record of such a log.
std::vector<PlacedRecord> SplitByKey(const std::vector<PlacedRecord>& records, int partitions);
// As after compaction of the first `cleaned` records of each partition: of those, the last one of each key is left,
// where it was.
std::vector<PlacedRecord> Compact(const std::vector<PlacedRecord>& records, int cleaned);
// Some records twice, the second time later; places follow one another.
std::vector<PlacedRecord> Duplicate(const std::vector<PlacedRecord>& records, Random& random);
// In another order of partitions.
std::vector<PlacedRecord> Interleave(const std::vector<PlacedRecord>& records, Random& random);

// A log that hands out given records, in the given order. It cannot be written.
//
// Thread safety: as EventLog's; a reader's, one thread.
class ShuffledLog final : public event_log::EventLog {
 public:
  explicit ShuffledLog(std::vector<PlacedRecord> records);

  // One past the last record of each partition.
  const Position& end() const { return end_; }

  absl::StatusOr<std::optional<event_log::LogIdentity>> ReadIdentity() override { return identity_; }
  absl::StatusOr<std::unique_ptr<event_log::Appender>> Lead(absl::FunctionRef<bool()>) override;
  absl::StatusOr<std::vector<int64_t>> ReadEndOffsets() override { return absl::UnimplementedError("for tools"); }
  absl::StatusOr<std::unique_ptr<event_log::Reader>> OpenPartitionReader(const std::string&,
                                                                         event_log::RecordLocation) override {
    return absl::UnimplementedError("for tools");
  }
  absl::StatusOr<std::unique_ptr<event_log::Reader>> OpenReader(const Checkpoint& from) override;

 private:
  const std::vector<PlacedRecord> records_;
  std::optional<event_log::LogIdentity> identity_;
  Position end_;
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_PROPERTY_SHUFFLED_LOG_H_
