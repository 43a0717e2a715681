#include "tests/property/shuffled_log.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <utility>

#include "event-log/genesis.h"

namespace roster::test {
namespace {

using event_log::Record;
using event_log::RecordLocation;
using event_log::RecordView;

RecordView ViewOf(const PlacedRecord& placed) {
  return {.location = placed.location, .key = placed.record.key, .value = placed.record.value};
}

std::map<int32_t, std::vector<PlacedRecord>> ByPartition(const std::vector<PlacedRecord>& records) {
  std::map<int32_t, std::vector<PlacedRecord>> partitions;
  for (const PlacedRecord& placed : records) partitions[placed.location.partition].push_back(placed);
  return partitions;
}

class ShuffledReader final : public event_log::Reader {
 public:
  ShuffledReader(const std::vector<PlacedRecord>& records, std::vector<int64_t> from)
      : records_(records), from_(std::move(from)) {}

  absl::StatusOr<event_log::PollResult> Poll(int max_records, absl::Duration, RecordHandler handler) override {
    event_log::PollResult result;
    for (; next_ < records_.size() && result.records < max_records; ++next_) {
      const RecordLocation& location = records_[next_].location;
      if (location.offset < from_[location.partition]) continue;
      handler(ViewOf(records_[next_]));
      ++result.records;
    }
    if (next_ == records_.size()) result.complete_as_of = absl::FromUnixSeconds(1'800'000'000);
    return result;
  }
  void Interrupt() override {}

 private:
  const std::vector<PlacedRecord>& records_;
  const std::vector<int64_t> from_;
  size_t next_ = 0;
};

}  // namespace

std::vector<PlacedRecord> SplitByKey(const std::vector<PlacedRecord>& records, int partitions) {
  std::vector<int64_t> next(partitions, 0);
  std::vector<PlacedRecord> split;
  for (const PlacedRecord& placed : records) {
    PlacedRecord& moved = split.emplace_back(placed);
    if (split.size() == 1) {
      event_log::LogIdentity identity = *event_log::ParseGenesisRecord(ViewOf(placed));
      identity.partitions = partitions;
      moved.record = event_log::MakeGenesisRecord(identity, absl::UnixEpoch());
      moved.location = {0, next[0]++};
    } else {
      const auto partition = static_cast<int32_t>(std::hash<std::string>()(*placed.record.key) % partitions);
      moved.location = {partition, next[partition]++};
    }
  }
  return split;
}

std::vector<PlacedRecord> Compact(const std::vector<PlacedRecord>& records, int cleaned) {
  std::map<int32_t, std::map<std::string, int64_t>> last;
  for (const PlacedRecord& placed : records) {
    if (placed.location.offset < cleaned) last[placed.location.partition][*placed.record.key] = placed.location.offset;
  }
  std::vector<PlacedRecord> left;
  for (const PlacedRecord& placed : records) {
    const RecordLocation& location = placed.location;
    const bool kept = location.offset >= cleaned || last[location.partition][*placed.record.key] == location.offset;
    if (kept) left.push_back(placed);
  }
  return left;
}

std::vector<PlacedRecord> Duplicate(const std::vector<PlacedRecord>& records, Random& random) {
  std::vector<PlacedRecord> result;
  for (auto& [partition, own] : ByPartition(records)) {
    int64_t offset = 0;
    std::vector<Record> again;
    for (size_t i = 0; i < own.size(); ++i) {
      result.push_back({{partition, offset++}, own[i].record});
      const bool genesis = partition == 0 && i == 0;
      if (!genesis && random.OneIn(5)) again.push_back(own[i].record);
      while (!again.empty() && (random.OneIn(4) || i + 1 == own.size())) {
        result.push_back({{partition, offset++}, again.back()});
        again.pop_back();
      }
    }
  }
  return result;
}

std::vector<PlacedRecord> Interleave(const std::vector<PlacedRecord>& records, Random& random) {
  std::vector<std::deque<PlacedRecord>> partitions;
  for (auto& [partition, own] : ByPartition(records)) partitions.emplace_back(own.begin(), own.end());
  std::vector<PlacedRecord> result;
  while (result.size() < records.size()) {
    std::deque<PlacedRecord>& own = partitions[random.Below(static_cast<int>(partitions.size()))];
    // Fetches bring a few of one partition at a time.
    for (int run = 1 + random.Below(20); run > 0 && !own.empty(); --run) {
      result.push_back(std::move(own.front()));
      own.pop_front();
    }
  }
  return result;
}

ShuffledLog::ShuffledLog(std::vector<PlacedRecord> records) : records_(std::move(records)) {
  for (const PlacedRecord& placed : records_) {
    if (!identity_) identity_ = event_log::ParseGenesisRecord(ViewOf(placed));
  }
  end_ = StartOf(identity_->log_id, identity_->partitions);
  for (const PlacedRecord& placed : records_) {
    int64_t& next = end_.next_offsets[placed.location.partition];
    next = std::max(next, placed.location.offset + 1);
  }
}

absl::StatusOr<std::unique_ptr<event_log::Appender>> ShuffledLog::Lead(absl::FunctionRef<bool()>) {
  return absl::UnimplementedError("it cannot be written");
}

absl::StatusOr<std::unique_ptr<event_log::Reader>> ShuffledLog::OpenReader(const Checkpoint& from) {
  std::vector<int64_t> offsets = from.position.next_offsets;
  offsets.resize(end_.next_offsets.size());
  return std::make_unique<ShuffledReader>(records_, std::move(offsets));
}

}  // namespace roster::test
