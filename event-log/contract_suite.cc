#include "event-log/contract_suite.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "event-log/genesis.h"

namespace roster::event_log {

std::vector<Record> NumberedRecords(int first, int count, int keys) {
  std::vector<Record> records;
  for (int i = first; i < first + count; ++i) {
    records.push_back({.key = absl::StrCat("key-", i % keys), .value = absl::StrCat(i)});
  }
  return records;
}

ReadRecord AsRead(const Record& record, RecordLocation location) {
  return {location, record.key, record.value, record.headers};
}

bool IsGenesis(const ReadRecord& record) { return record.key == kGenesisKey; }

ReadRecord CopyOf(const RecordView& record) {
  ReadRecord copy{.location = record.location};
  if (record.key) copy.key = std::string(*record.key);
  if (record.value) copy.value = std::string(*record.value);
  for (const HeaderView& header : record.headers) {
    copy.headers.push_back({std::string(header.key), std::string(header.value)});
  }
  return copy;
}

std::unique_ptr<Appender> LogContract::LeadOf(EventLog& log) {
  auto appender = log.Lead([] { return true; });
  EXPECT_TRUE(appender.ok()) << appender.status();
  return appender.ok() ? *std::move(appender) : nullptr;
}

std::vector<RecordLocation> LogContract::MustAppend(Appender& appender, const std::vector<Record>& records) {
  auto locations = appender.Append(records, [] {});
  EXPECT_TRUE(locations.ok()) << locations.status();
  return locations.ok() ? *std::move(locations) : std::vector<RecordLocation>();
}

std::vector<ReadRecord> LogContract::ReadToEnd(Reader& reader) {
  clock_.Advance(absl::Seconds(1));
  const absl::Time now = clock_.Now();
  const absl::Time deadline = absl::Now() + kPatience;
  std::vector<ReadRecord> records;
  while (absl::Now() < deadline) {
    const auto result = reader.Poll(1000, absl::Milliseconds(100),
                                    [&](const RecordView& record) { records.push_back(CopyOf(record)); });
    EXPECT_TRUE(result.ok() || absl::IsUnavailable(result.status())) << result.status();
    if (!result.ok() && !absl::IsUnavailable(result.status())) return records;
    if (result.ok() && result->complete_as_of && *result->complete_as_of >= now) return records;
  }
  ADD_FAILURE() << "the reader did not come to the end of the log; it read " << records.size() << " records";
  return records;
}

std::vector<ReadRecord> LogContract::ReadAll(EventLog& log) {
  auto reader = log.OpenReader({});
  EXPECT_TRUE(reader.ok()) << reader.status();
  if (!reader.ok()) return {};
  std::vector<ReadRecord> records = ReadToEnd(**reader);
  records.erase(std::remove_if(records.begin(), records.end(), IsGenesis), records.end());
  return records;
}

Checkpoint LogContract::StartOfLog(EventLog& log) const {
  const auto identity = log.ReadIdentity();
  EXPECT_TRUE(identity.ok() && identity->has_value()) << identity.status();
  if (!identity.ok() || !*identity) return {};
  return {StartOf((*identity)->log_id, (*identity)->partitions), std::vector<uint64_t>((*identity)->partitions)};
}

Checkpoint LogContract::CheckpointAfter(const std::vector<ReadRecord>& records, const Checkpoint& before) const {
  Checkpoint after = before;
  for (const ReadRecord& record : records) {
    after.position.next_offsets[record.location.partition] = record.location.offset + 1;
    after.last_checksums[record.location.partition] = RecordChecksum(record.key, record.value);
  }
  return after;
}

}  // namespace roster::event_log
