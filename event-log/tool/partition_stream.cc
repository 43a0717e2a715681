#include "event-log/tool/partition_stream.h"

#include <utility>

#include "absl/time/time.h"
#include "base/error.h"
#include "base/siphash.h"
#include "base/steady_time.h"
#include "event-log/genesis.h"

namespace roster::event_log::tool {
namespace {

constexpr int kRecordsAtATime = 500;
constexpr absl::Duration kPollFor = absl::Milliseconds(500);
constexpr absl::Duration kPatience = absl::Minutes(1);

StoredRecord Store(const RecordView& view) {
  StoredRecord stored{.location = view.location};
  if (view.key) stored.record.key.emplace(*view.key);
  if (view.value) stored.record.value.emplace(*view.value);
  uint64_t checksum = RecordChecksum(view.key, view.value);
  for (const HeaderView& header : view.headers) {
    stored.record.headers.push_back({std::string(header.key), std::string(header.value)});
    checksum = RecordChecksum(header.key, header.value) + 31 * checksum;
  }
  stored.checksum = checksum;
  return stored;
}

}  // namespace

bool SameContent(const StoredRecord& a, const StoredRecord& b) {
  return a.checksum == b.checksum && a.record.key == b.record.key && a.record.value == b.record.value &&
         a.record.headers == b.record.headers;
}

RecordView ViewOf(const StoredRecord& record, std::vector<HeaderView>& headers) {
  headers.clear();
  for (const Header& header : record.record.headers) headers.push_back({header.key, header.value});
  RecordView view{.location = record.location, .headers = headers};
  if (record.record.key) view.key = *record.record.key;
  if (record.record.value) view.value = *record.record.value;
  return view;
}

absl::StatusOr<std::unique_ptr<PartitionStream>> PartitionStream::Open(EventLog& log, const std::string& log_id,
                                                                       RecordLocation from, Genesis genesis) {
  ROSTER_ASSIGN_OR_RETURN(auto reader, log.OpenPartitionReader(log_id, from));
  return std::unique_ptr<PartitionStream>(new PartitionStream(std::move(reader), genesis));
}

absl::StatusOr<const StoredRecord*> PartitionStream::Head() {
  if (buffer_.empty() && !ended_) ROSTER_RETURN_IF_ERROR(Fill());
  return buffer_.empty() ? nullptr : &buffer_.front();
}

absl::Status PartitionStream::Fill() {
  absl::Time deadline = SteadyNow() + kPatience;
  while (buffer_.empty() && !ended_) {
    const auto result = reader_->Poll(kRecordsAtATime, kPollFor, [&](const RecordView& record) {
      if (genesis_ == Genesis::kIncluded || record.key != kGenesisKey) buffer_.push_back(Store(record));
    });
    if (result.ok()) {
      ended_ = result->complete_as_of.has_value();
      if (result->records > 0) deadline = SteadyNow() + kPatience;
    } else if (!absl::IsUnavailable(result.status())) {
      return result.status();
    }
    if (SteadyNow() > deadline) {
      return result.ok() ? absl::UnavailableError("the log does not come to an end: a transaction may be open on it")
                         : result.status();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::unique_ptr<PartitionStream>>> OpenPartitions(EventLog& log, const std::string& log_id,
                                                                             int partitions) {
  std::vector<std::unique_ptr<PartitionStream>> streams;
  for (int32_t partition = 0; partition < partitions; ++partition) {
    ROSTER_ASSIGN_OR_RETURN(streams.emplace_back(),
                            PartitionStream::Open(log, log_id, {partition, 0}, PartitionStream::Genesis::kLeftOut));
  }
  return streams;
}

}  // namespace roster::event_log::tool
