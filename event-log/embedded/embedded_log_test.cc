// What is particular to the embedded adapter; what both share is in event-log/contract_test.cc.
#include "event-log/embedded/embedded_log.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <sqlite3.h>

#include "SQLiteCpp/SQLiteCpp.h"
#include "base/fake_clock.h"
#include "base/temp_dir.h"
#include "gtest/gtest.h"
#include "sqlite/faulty_disk_for_test.h"

namespace roster::event_log {
namespace {

class EmbeddedLogTest : public testing::Test {
 protected:
  std::unique_ptr<EventLog> OpenLog() { return OpenEmbeddedLog(path_, clock_); }
  static std::unique_ptr<Appender> LeadOf(EventLog& log) {
    return log.Lead([] { return true; }).value();
  }
  static std::vector<RecordLocation> Append(Appender& appender, int count) {
    std::vector<Record> records(count, Record{.key = "k", .value = "v", .headers = {{"h", "1"}}});
    return appender.Append(records, [] {}).value();
  }
  static absl::StatusOr<int> ReadAll(Reader& reader) {
    int total = 0;
    for (;;) {
      const absl::StatusOr<PollResult> result = reader.Poll(1000, absl::ZeroDuration(), [](const RecordView&) {});
      if (!result.ok()) return result.status();
      total += result->records;
      if (result->complete_as_of || result->records == 0) return total;
    }
  }

  TempDir dir_;
  FakeClock clock_;
  const std::string path_ = dir_.File("log.db");
};

TEST_F(EmbeddedLogTest, SecondWriterIsRefusedUntilTheFirstGoes) {
  auto log = OpenLog();
  auto appender = LeadOf(*log);
  const absl::Status refused = OpenLog()->Lead([] { return true; }).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(refused.message().find("another process"), std::string::npos);
  appender.reset();
  EXPECT_TRUE(OpenLog()->Lead([] { return true; }).ok());
}

TEST_F(EmbeddedLogTest, ReaderOpenedBeforeTheFileReadsItOnceItIsThere) {
  auto log = OpenLog();
  auto reader = log->OpenReader({}).value();
  EXPECT_EQ(reader->Poll(10, absl::ZeroDuration(), [](const RecordView&) {})->complete_as_of, std::nullopt);
  std::thread writer([&] { Append(*LeadOf(*log), 3); });
  int records = 0;
  while (records < 4) records += reader->Poll(10, absl::Seconds(60), [](const RecordView&) {})->records;
  EXPECT_EQ(records, 4);  // the genesis record and three
  writer.join();
}

TEST_F(EmbeddedLogTest, DamagedRecordIsNamedByItsOffset) {
  auto log = OpenLog();
  Append(*LeadOf(*log), 5);
  {
    SQLite::Database database(path_, SQLite::OPEN_READWRITE);
    database.exec("UPDATE records SET value = x'00' WHERE offset = 3");
  }
  auto reader = log->OpenReader({}).value();
  const absl::Status status = ReadAll(*reader).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("offset 3"), std::string::npos) << status;
}

TEST_F(EmbeddedLogTest, MissingRecordIsNamedByItsOffset) {
  auto log = OpenLog();
  Append(*LeadOf(*log), 5);
  {
    SQLite::Database database(path_, SQLite::OPEN_READWRITE);
    database.exec("DELETE FROM records WHERE offset = 2");
  }
  const absl::Status status = ReadAll(*log->OpenReader({}).value()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(status.message().find("offset 2"), std::string::npos) << status;
}

TEST_F(EmbeddedLogTest, LogOfANewerSchemaIsRefusedByItsNumberAndStaysAsItIs) {
  Append(*LeadOf(*OpenLog()), 1);
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  for (const absl::Status& refused : {OpenLog()->Lead([] { return true; }).status(), OpenLog()->ReadIdentity().status(),
                                      OpenLog()->OpenReader({}).status(), OpenLog()->ReadEndOffsets().status()}) {
    EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
    EXPECT_NE(refused.message().find("has schema 99, this program knows up to 1"), std::string::npos) << refused;
  }
  EXPECT_EQ(SQLite::Database(path_).execAndGet("PRAGMA user_version").getInt(), 99);
}

TEST_F(EmbeddedLogTest, LogFromBeforeTheSchemaHadANumberIsReadAndGetsOne) {
  Append(*LeadOf(*OpenLog()), 1);
  SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 0");
  EXPECT_EQ(ReadAll(*OpenLog()->OpenReader({}).value()).value(), 2);
  Append(*LeadOf(*OpenLog()), 1);
  EXPECT_EQ(SQLite::Database(path_).execAndGet("PRAGMA user_version").getInt(), 1);
  EXPECT_EQ(ReadAll(*OpenLog()->OpenReader({}).value()).value(), 3);
}

// Records in one append: few are written by the caller's thread, many beside it.
class EmbeddedAppendTest : public EmbeddedLogTest, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(FewAndMany, EmbeddedAppendTest, testing::Values(5, 20));

TEST_P(EmbeddedAppendTest, DiskThatFailsWithinAnAppendLeavesAllOfItOrNothing) {
  const std::vector<Record> records(GetParam(), Record{.key = "k", .value = "v"});
  sqlite::FaultyDisk disk(path_);
  int unknown = 0;
  int64_t expected = 1;  // the genesis record
  // At each write and sync of an append, until one gets by without.
  for (int64_t writes = 0;; ++writes) {
    auto log = OpenLog();
    auto appender = LeadOf(*log);
    disk.FailAfter(writes, writes % 2 == 0 ? SQLITE_IOERR_FSYNC : SQLITE_FULL);
    const auto failed = appender->Append(records, [] {});
    const bool reached = disk.has_failed();
    disk.Heal();
    if (failed.ok()) expected += GetParam();
    if (!reached) break;
    // Another is not appended behind one whose outcome is open.
    if (!failed.ok() && FailureOf(failed.status()) == AppendFailure::kUnknown) {
      ++unknown;
      EXPECT_FALSE(appender->ProveLead([] {}).ok());
      EXPECT_FALSE(appender->Append({}, [] {}).ok());
    }
    appender.reset();
    // What the log holds once it is opened again counts.
    appender = LeadOf(*log);
    const int64_t after = *ReadAll(*log->OpenReader({}).value());
    if (failed.ok() || FailureOf(failed.status()) == AppendFailure::kUnavailable) {
      EXPECT_EQ(after, expected) << failed.status();
    } else {
      EXPECT_TRUE(after == expected || after == expected + GetParam()) << after;
      expected = after;
    }
    EXPECT_EQ(Append(*appender, 1).at(0).offset, expected++);
  }
  EXPECT_GT(unknown, 0);
}

TEST_F(EmbeddedLogTest, JunkInPlaceOfTheFileIsDamage) {
  std::ofstream(path_) << std::string(10'000, 'x');
  auto log = OpenLog();
  EXPECT_EQ(log->ReadIdentity().status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(log->Lead([] { return true; }).status().code(), absl::StatusCode::kDataLoss);
}

TEST_P(EmbeddedAppendTest, NothingIsAcknowledgedInAFileThatWasRemoved) {
  auto log = OpenLog();
  auto appender = LeadOf(*log);
  Append(*appender, 1);
  std::filesystem::remove(path_);
  const std::vector<Record> records(GetParam(), Record{.key = "k", .value = "v"});
  EXPECT_EQ(FailureOf(appender->Append(records, [] {}).status()), AppendFailure::kUnknown);
  EXPECT_EQ(FailureOf(appender->ProveLead([] {})), AppendFailure::kUnknown);
}

TEST_F(EmbeddedLogTest, CallerIsLeftFreeWhileManyRecordsAreWritten) {
  auto log = OpenLog();
  auto appender = LeadOf(*log);
  int calls = 0;
  ASSERT_TRUE(appender->Append(std::vector<Record>(20, Record{.key = "k", .value = "v"}), [&] { ++calls; }).ok());
  EXPECT_GT(calls, 0);
  std::thread([appender = std::move(appender)]() mutable { appender.reset(); }).join();
  EXPECT_EQ(ReadAll(*log->OpenReader({}).value()).value(), 21);
}

TEST_F(EmbeddedLogTest, NoRefusalRestsOnAFileThatWasReplaced) {
  auto log = OpenLog();
  auto appender = LeadOf(*log);
  std::filesystem::rename(path_, path_ + ".moved");
  LeadOf(*OpenEmbeddedLog(dir_.File("other.db"), clock_)).reset();
  std::filesystem::rename(dir_.File("other.db"), path_);
  EXPECT_EQ(FailureOf(appender->ProveLead([] {})), AppendFailure::kUnknown);
}

TEST_F(EmbeddedLogTest, RemovedFileIsNoticedWhileReading) {
  auto log = OpenLog();
  Append(*LeadOf(*log), 1);
  auto reader = log->OpenReader({}).value();
  EXPECT_EQ(ReadAll(*reader).value(), 2);
  std::filesystem::rename(path_, path_ + ".aside");
  const absl::Status status = reader->Poll(10, absl::Seconds(60), [](const RecordView&) {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
}

TEST_F(EmbeddedLogTest, TooLargeRecordOrBatchIsRefusedAndTheAppenderGoesOn) {
  auto log = OpenLog();
  auto appender = LeadOf(*log);
  const Record large{.key = "k", .value = std::string(kMaxRecordBytes, 'x')};
  EXPECT_EQ(FailureOf(appender->Append({Record{.key = "k", .value = "v"}, large}, [] {}).status()),
            AppendFailure::kTooLarge);
  const std::vector<Record> many(kMaxBatchRecords + 1);
  EXPECT_EQ(FailureOf(appender->Append(many, [] {}).status()), AppendFailure::kTooLarge);
  EXPECT_EQ(Append(*appender, 1).at(0).offset, 1);
}

}  // namespace
}  // namespace roster::event_log
