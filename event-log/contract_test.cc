// What every adapter of the log keeps: see event_log.h.
#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "event-log/contract_suite.h"
#include "event-log/genesis.h"
#include "gmock/gmock.h"

namespace roster::event_log {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

namespace {

std::string RandomBytes(std::mt19937& random, size_t size, int lowest = 0) {
  std::uniform_int_distribution<int> byte(lowest, 255);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(byte(random));
  return bytes;
}

// By partition, then offset.
void Sort(std::vector<ReadRecord>& records) {
  std::sort(records.begin(), records.end(), [](const ReadRecord& a, const ReadRecord& b) {
    return std::pair(a.location.partition, a.location.offset) < std::pair(b.location.partition, b.location.offset);
  });
}

}  // namespace

TEST_P(LogContract, LogThatNobodyLedHasNoIdentity) {
  const auto identity = log_->ReadIdentity();
  ASSERT_TRUE(identity.ok()) << identity.status();
  EXPECT_EQ(*identity, std::nullopt);
}

TEST_P(LogContract, FirstLeadWritesTheGenesisRecordOnce) {
  LeadOf(*log_).reset();
  const auto identity = log_->ReadIdentity();
  ASSERT_TRUE(identity.ok() && identity->has_value()) << identity.status();
  EXPECT_EQ((*identity)->partitions, GetParam().partitions);

  auto another = OpenAnother();
  MustAppend(*LeadOf(*another), NumberedRecords(0, 10, 3));
  EXPECT_EQ(another->ReadIdentity().value(), *identity);
  const std::vector<ReadRecord> all = ReadToEnd(**another->OpenReader({}));
  EXPECT_EQ(std::count_if(all.begin(), all.end(), IsGenesis), 1);
  const auto genesis = std::find_if(all.begin(), all.end(), IsGenesis);
  EXPECT_EQ(genesis->location, (RecordLocation{0, 0}));
}

TEST_P(LogContract, RecordsAreReadBackByteForByteWhereTheAppendSaid) {
  std::mt19937 random(7);
  auto appender = LeadOf(*log_);
  std::vector<ReadRecord> expected;
  for (int batch = 0; batch < 5; ++batch) {
    std::vector<Record> records;
    for (int i = 0; i < 40; ++i) {
      Record record{.key = RandomBytes(random, random() % 40), .value = RandomBytes(random, random() % 5000)};
      // No NUL in a header's name: librdkafka cuts it there.
      for (size_t h = random() % 8; h > 0; --h) {
        record.headers.push_back({RandomBytes(random, 1 + random() % 20, 1), RandomBytes(random, random() % 50)});
      }
      records.push_back(std::move(record));
    }
    const std::vector<RecordLocation> locations = MustAppend(*appender, records);
    ASSERT_THAT(locations, SizeIs(records.size()));
    for (size_t i = 0; i < records.size(); ++i) expected.push_back(AsRead(records[i], locations[i]));
  }
  EXPECT_THAT(ReadAll(*log_), UnorderedElementsAreArray(expected));
}

TEST_P(LogContract, AbsentKeyOrValueIsReadBackAsAbsent) {
  auto appender = LeadOf(*log_);
  std::vector<ReadRecord> expected;
  for (const Record& record : {Record{.key = "k"}, Record{.value = "v"}, Record{}, Record{.key = "", .value = ""}}) {
    expected.push_back(AsRead(record, MustAppend(*appender, {record})[0]));
    if (!record.key) {
      EXPECT_EQ(expected.back().location.partition, 0);
    }
  }
  EXPECT_THAT(ReadAll(*log_), UnorderedElementsAreArray(expected));
}

TEST_P(LogContract, PartitionReaderReadsItsPartitionOnlyAndComesToTheEnd) {
  MustAppend(*LeadOf(*log_), NumberedRecords(0, 100, 20));
  const std::vector<ReadRecord> all = ReadToEnd(**log_->OpenReader({}));
  const std::string log_id = StartOfLog(*log_).position.log_id;
  const std::vector<int64_t> ends = log_->ReadEndOffsets().value();
  ASSERT_THAT(ends, SizeIs(GetParam().partitions));
  size_t read = 0;
  for (int32_t partition = 0; partition < GetParam().partitions; ++partition) {
    auto reader = log_->OpenPartitionReader(log_id, {partition, 0});
    ASSERT_TRUE(reader.ok()) << reader.status();
    const std::vector<ReadRecord> records = ReadToEnd(**reader);
    for (const ReadRecord& record : records) EXPECT_EQ(record.location.partition, partition);
    if (!records.empty()) {
      EXPECT_GT(ends[partition], records.back().location.offset);
    }
    read += records.size();
    if (records.size() < 2) continue;
    auto from_the_second = log_->OpenPartitionReader(log_id, records[1].location);
    ASSERT_TRUE(from_the_second.ok()) << from_the_second.status();
    EXPECT_THAT(ReadToEnd(**from_the_second), SizeIs(records.size() - 1));
  }
  EXPECT_EQ(read, all.size());
  EXPECT_EQ(log_->OpenPartitionReader("another log", {}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(LogContract, ReaderThatHasReadAllKnowsWhereThePartitionsEnd) {
  MustAppend(*LeadOf(*log_), NumberedRecords(0, 100, 20));
  const auto reader = *log_->OpenReader({});
  const std::vector<ReadRecord> records = ReadToEnd(*reader);
  const std::vector<int64_t> ends = reader->KnownEndOffsets();
  ASSERT_THAT(ends, SizeIs(GetParam().partitions));
  for (const ReadRecord& record : records) EXPECT_GT(ends[record.location.partition], record.location.offset);
}

TEST_P(LogContract, PartitionReaderIsRefusedWhereNoRecordCanStand) {
  MustAppend(*LeadOf(*log_), NumberedRecords(0, 5, 5));
  const std::string log_id = StartOfLog(*log_).position.log_id;
  for (const RecordLocation& from : {RecordLocation{-1, 0}, {GetParam().partitions, 0}, {INT32_MAX, 0}, {0, -1}}) {
    EXPECT_EQ(log_->OpenPartitionReader(log_id, from).status().code(), absl::StatusCode::kInvalidArgument)
        << from.partition << " " << from.offset;
  }
}

TEST_P(LogContract, EmptyKeysValuesAndHeadersStayEmptyAndPresent) {
  auto appender = LeadOf(*log_);
  const Record record{.key = "", .value = "", .headers = {{"empty", ""}, {"empty", ""}}};
  const RecordLocation location = MustAppend(*appender, {record}).at(0);
  EXPECT_THAT(ReadAll(*log_), ElementsAre(AsRead(record, location)));
}

TEST_P(LogContract, LargeRecordsArriveWhole) {
  std::mt19937 random(8);
  auto appender = LeadOf(*log_);
  std::vector<Record> records;
  for (int i = 0; i < 50; ++i) records.push_back({absl::StrCat(i), RandomBytes(random, 64 * 1024), {}});
  records.push_back({"largest", RandomBytes(random, 900'000), {}});
  MustAppend(*appender, records);
  std::map<std::string, std::string> values;
  for (const ReadRecord& record : ReadAll(*log_)) values[*record.key] = *record.value;
  ASSERT_THAT(values, SizeIs(records.size()));
  for (const Record& record : records) EXPECT_TRUE(values[*record.key] == *record.value) << *record.key;
}

TEST_P(LogContract, RecordsOfOneKeyStayOnOnePartitionInOrder) {
  auto appender = LeadOf(*log_);
  for (int batch = 0; batch < 10; ++batch) MustAppend(*appender, NumberedRecords(batch * 60, 60, 17));
  std::map<std::string, std::vector<int>> by_key;
  std::map<std::string, int> partition_of;
  std::map<int, int> used;
  for (const ReadRecord& record : ReadAll(*log_)) {
    by_key[*record.key].push_back(std::stoi(*record.value));
    EXPECT_EQ(partition_of.emplace(*record.key, record.location.partition).first->second, record.location.partition);
    ++used[record.location.partition];
  }
  ASSERT_THAT(by_key, SizeIs(17));
  size_t total = 0;
  for (const auto& [key, values] : by_key) {
    EXPECT_TRUE(std::is_sorted(values.begin(), values.end())) << key;
    total += values.size();
  }
  EXPECT_EQ(total, 600u);
  EXPECT_THAT(used, SizeIs(GetParam().partitions));
}

TEST_P(LogContract, OffsetsGrowWithinEachPartition) {
  auto appender = LeadOf(*log_);
  std::map<int, int64_t> last;
  for (int batch = 0; batch < 5; ++batch) {
    for (const RecordLocation& location : MustAppend(*appender, NumberedRecords(batch * 20, 20, 20))) {
      const auto [it, first] = last.emplace(location.partition, location.offset);
      if (first) continue;
      EXPECT_GT(location.offset, it->second);
      it->second = location.offset;
    }
  }
}

TEST_P(LogContract, EmptyAppendAndProofOfLeadLeaveNoRecord) {
  auto appender = LeadOf(*log_);
  EXPECT_THAT(MustAppend(*appender, {}), IsEmpty());
  for (int i = 0; i < 5; ++i) {
    const absl::Status proven = appender->ProveLead([] {});
    EXPECT_TRUE(proven.ok()) << proven;
  }
  EXPECT_THAT(ReadAll(*log_), IsEmpty());
}

TEST_P(LogContract, TooLargeRecordFailsItsWholeBatchAndTheAppenderGoesOn) {
  auto appender = LeadOf(*log_);
  const auto refused = appender->Append(
      {Record{.key = "small", .value = "v"}, Record{.key = "large", .value = std::string(8 << 20, 'x')}}, [] {});
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted) << refused.status();
  const Record next{.key = "next", .value = "v"};
  const RecordLocation location = MustAppend(*appender, {next}).at(0);
  EXPECT_THAT(ReadAll(*log_), ElementsAre(AsRead(next, location)));
}

TEST_P(LogContract, ReaderResumesAtItsCheckpointWithoutGapOrRepeat) {
  auto appender = LeadOf(*log_);
  for (int batch = 0; batch < 10; ++batch) MustAppend(*appender, NumberedRecords(batch * 10, 10, 7));
  std::vector<ReadRecord> expected = ReadToEnd(**log_->OpenReader({}));
  std::vector<ReadRecord> pieces;
  Checkpoint checkpoint = StartOfLog(*log_);
  const absl::Time deadline = absl::Now() + kPatience;
  while (pieces.size() < expected.size() && absl::Now() < deadline) {
    auto another = OpenAnother();
    auto reader = another->OpenReader(pieces.empty() ? Checkpoint() : checkpoint);
    ASSERT_TRUE(reader.ok()) << reader.status();
    std::vector<ReadRecord> piece;
    const auto result =
        (*reader)->Poll(17, absl::Seconds(5), [&](const RecordView& record) { piece.push_back(CopyOf(record)); });
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_LE(piece.size(), 17u);
    EXPECT_EQ(static_cast<size_t>(result->records), piece.size());
    checkpoint = CheckpointAfter(piece, checkpoint);
    pieces.insert(pieces.end(), piece.begin(), piece.end());
  }
  Sort(expected);
  Sort(pieces);
  EXPECT_EQ(pieces, expected);
  EXPECT_THAT(ReadToEnd(**log_->OpenReader(checkpoint)), IsEmpty());
}

TEST_P(LogContract, CheckpointOfAnotherLogIsRefused) {
  MustAppend(*LeadOf(*log_), NumberedRecords(0, 10, 10));
  const Checkpoint good = CheckpointAfter(ReadToEnd(**log_->OpenReader({})), StartOfLog(*log_));
  ASSERT_TRUE(log_->OpenReader(good).ok());

  Checkpoint other_id = good;
  other_id.position.log_id = "01890a5d-ac96-774b-bcce-b302099a8057";
  EXPECT_EQ(log_->OpenReader(other_id).status().code(), absl::StatusCode::kFailedPrecondition);

  Checkpoint other_record = good;
  ++other_record.last_checksums[0];
  EXPECT_EQ(log_->OpenReader(other_record).status().code(), absl::StatusCode::kFailedPrecondition);

  Checkpoint ahead = good;
  ahead.position.next_offsets[0] += 1000;
  EXPECT_EQ(log_->OpenReader(ahead).status().code(), absl::StatusCode::kFailedPrecondition);

  Checkpoint more_partitions = good;
  more_partitions.position.next_offsets.push_back(0);
  more_partitions.last_checksums.push_back(0);
  EXPECT_EQ(log_->OpenReader(more_partitions).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_P(LogContract, CheckpointOnALogThatWasNeverWrittenIsRefusedOrUnavailable) {
  const Checkpoint lost{{"01890a5d-ac96-774b-bcce-b302099a8057", std::vector<int64_t>(GetParam().partitions, 5)},
                        std::vector<uint64_t>(GetParam().partitions, 1)};
  const absl::Status status = log_->OpenReader(lost).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status) || absl::IsUnavailable(status)) << status;
}

TEST_P(LogContract, ReaderSeesWhatAnotherHandleAppends) {
  auto appender = LeadOf(*log_);
  auto another = OpenAnother();
  auto reader = another->OpenReader({});
  ASSERT_TRUE(reader.ok()) << reader.status();
  ReadToEnd(**reader);
  for (int i = 0; i < 5; ++i) {
    std::thread writer([&] { MustAppend(*appender, NumberedRecords(i, 1, 1)); });
    int records = 0;
    const absl::Time deadline = absl::Now() + kPatience;
    while (records == 0 && absl::Now() < deadline) {
      const auto result = (*reader)->Poll(10, kPatience, [](const RecordView&) {});
      ASSERT_TRUE(result.ok()) << result.status();
      records = result->records;
    }
    writer.join();
    EXPECT_EQ(records, 1);
  }
}

TEST_P(LogContract, InterruptEndsAPollUnderWayAndTheNextOne) {
  LeadOf(*log_).reset();
  auto reader = log_->OpenReader({});
  ASSERT_TRUE(reader.ok()) << reader.status();
  ReadToEnd(**reader);
  std::atomic<bool> stop = false;
  // Would last for hours without it.
  std::thread poller([&] {
    while (!stop) ASSERT_TRUE((*reader)->Poll(10, absl::Hours(5), [](const RecordView&) {}).ok());
  });
  stop = true;
  (*reader)->Interrupt();
  poller.join();
  (*reader)->Interrupt();
  EXPECT_EQ((*reader)->Poll(10, absl::Hours(5), [](const RecordView&) {}).value().records, 0);
}

TEST_P(LogContract, PollHandsOverNoMoreThanAsked) {
  auto appender = LeadOf(*log_);
  MustAppend(*appender, NumberedRecords(0, 100, 10));
  auto reader = log_->OpenReader({});
  ASSERT_TRUE(reader.ok()) << reader.status();
  int total = 0;
  const absl::Time deadline = absl::Now() + kPatience;
  while (total < 101 && absl::Now() < deadline) {
    int handed = 0;
    const auto result = (*reader)->Poll(3, absl::Seconds(1), [&](const RecordView&) { ++handed; });
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_LE(handed, 3);
    EXPECT_EQ(result->records, handed);
    total += handed;
  }
  EXPECT_EQ(total, 101);
}

// A reader may say that it is complete as of a time only if it has handed over all that was acknowledged before.
TEST_P(LogContract, CompleteMeansThatAllAcknowledgedBeforeWasHandedOver) {
  auto log = under_test_->Open(SystemClock());
  auto appender = LeadOf(*log);
  auto reader = log->OpenReader({});
  ASSERT_TRUE(reader.ok()) << reader.status();
  absl::Mutex mutex;
  std::vector<std::pair<absl::Time, int>> acknowledged;  // when, and how many records in all
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int batch = 0; batch < 200; ++batch) {
      MustAppend(*appender, NumberedRecords(batch * 7, 7, 13));
      absl::MutexLock lock(&mutex);
      acknowledged.emplace_back(absl::Now(), (batch + 1) * 7);
    }
    done = true;
  });
  int handed = 0;
  int claims = 0;
  absl::Time complete_as_of = absl::InfinitePast();
  const absl::Time deadline = absl::Now() + kPatience;
  const auto all_complete = [&] {
    absl::MutexLock lock(&mutex);
    return done && complete_as_of > acknowledged.back().first;
  };
  while (!all_complete() && absl::Now() < deadline) {
    const auto result = (*reader)->Poll(50, absl::Milliseconds(20), [&](const RecordView& record) {
      if (record.key != kGenesisKey) ++handed;
    });
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok() || !result->complete_as_of) continue;
    ++claims;
    complete_as_of = *result->complete_as_of;
    absl::MutexLock lock(&mutex);
    for (const auto& [time, count] : acknowledged) {
      if (time < complete_as_of) {
        EXPECT_GE(handed, count);
      }
    }
  }
  writer.join();
  EXPECT_EQ(handed, 1400);
  EXPECT_GE(claims, 1);
}

}  // namespace roster::event_log
