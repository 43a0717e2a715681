#ifndef ROSTER_EVENT_LOG_TOOL_PARTITION_STREAM_H_
#define ROSTER_EVENT_LOG_TOOL_PARTITION_STREAM_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "event-log/event_log.h"

namespace roster::event_log::tool {

// A record with its bytes.
struct StoredRecord {
  RecordLocation location;
  Record record;
  // Over key, value and headers: records that differ in it differ.
  uint64_t checksum = 0;
};

bool SameContent(const StoredRecord& a, const StoredRecord& b);

// The view that the functions of user-event/ and genesis.h take. `headers` is overwritten.
RecordView ViewOf(const StoredRecord& record, std::vector<HeaderView>& headers);

// The records of one partition, one after another, up to the first end that the log tells. Holds a few
// hundred records at a time.
//
// Thread safety: one thread.
class PartitionStream {
 public:
  enum class Genesis { kLeftOut, kIncluded };

  // `log` must outlive it.
  static absl::StatusOr<std::unique_ptr<PartitionStream>> Open(EventLog& log, const std::string& log_id,
                                                               RecordLocation from, Genesis genesis);

  // The next record, which stays until Pop; null at the end. Waits for brokers that are away, for a minute.
  absl::StatusOr<const StoredRecord*> Head();
  void Pop() { buffer_.pop_front(); }

 private:
  PartitionStream(std::unique_ptr<Reader> reader, Genesis genesis) : reader_(std::move(reader)), genesis_(genesis) {}
  absl::Status Fill();

  std::unique_ptr<Reader> reader_;
  const Genesis genesis_;
  std::deque<StoredRecord> buffer_;
  bool ended_ = false;
};

// Their records without those that have the genesis record's key: it belongs to one log, and another record with its
// key would take its place on a compacted topic. One stream for each of the first `partitions` partitions, from their
// first records.
absl::StatusOr<std::vector<std::unique_ptr<PartitionStream>>> OpenPartitions(EventLog& log, const std::string& log_id,
                                                                             int partitions);

}  // namespace roster::event_log::tool

#endif  // ROSTER_EVENT_LOG_TOOL_PARTITION_STREAM_H_
