#include "event-log/tool/log_copier.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/temp_dir.h"
#include "event-log/embedded/embedded_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "user-event/event_for_test.h"
#include "user-event/write_record.h"

namespace roster::event_log::tool {
namespace {

class LogCopierTest : public testing::Test {
 protected:
  static std::unique_ptr<Appender> Lead(EventLog& log) {
    return log.Lead([] { return true; }).value();
  }
  static void Append(EventLog& log, const std::vector<Record>& records) {
    ASSERT_TRUE(Lead(log)->Append(records, [] {}).ok());
  }
  static std::vector<Record> SignUps(int first, int count) {
    std::vector<Record> records;
    for (int i = first; i < first + count; ++i) {
      records.push_back(user_event::WriteRecord(
          user_event::SignUpEventForTest(absl::StrCat("u", i), absl::StrCat("u", i, "@example.com"), i), ""));
    }
    return records;
  }
  static std::vector<Record> ReadAll(EventLog& log) {
    const std::string log_id = log.ReadIdentity().value()->log_id;
    std::vector<Record> records;
    const auto streams = OpenPartitions(log, log_id, 1).value();
    for (;; streams[0]->Pop()) {
      const StoredRecord* const head = streams[0]->Head().value();
      if (head == nullptr) return records;
      records.push_back(head->record);
    }
  }
  absl::StatusOr<CopyResult> Copy(int batch_records = 7) {
    CopyOptions options;
    options.batch_records = batch_records;
    options.election_patience = absl::Milliseconds(10);
    return LogCopier(*source_, *target_, options).Run();
  }
  void ExpectEqual() {
    const std::vector<Record> source = ReadAll(*source_), target = ReadAll(*target_);
    ASSERT_EQ(source.size(), target.size());
    for (size_t i = 0; i < source.size(); ++i) {
      EXPECT_EQ(source[i].key, target[i].key) << i;
      EXPECT_EQ(source[i].value, target[i].value) << i;
      EXPECT_EQ(source[i].headers, target[i].headers) << i;
    }
  }

  TempDir dir_;
  std::unique_ptr<EventLog> source_ = OpenEmbeddedLog(dir_.File("source.db"), SystemClock());
  std::unique_ptr<EventLog> target_ = OpenEmbeddedLog(dir_.File("target.db"), SystemClock());
};

TEST_F(LogCopierTest, CopiesEveryRecordAsItIsIntoALogOfItsOwn) {
  Append(*source_, SignUps(1, 100));
  Append(*source_, {Record{.key = "tombstone"}, Record{.value = "no key"}, Record{},
                    Record{.key = "", .value = "", .headers = {{"twice", "1"}, {"twice", "2"}}}});
  const CopyResult result = Copy().value();
  EXPECT_EQ(result.already_there, 0);
  EXPECT_EQ(result.copied, 104);
  EXPECT_EQ(result.verified, 104);
  EXPECT_EQ(result.source_not_held, "");
  EXPECT_FALSE(result.foreign);
  EXPECT_NE(result.source.log_id, result.target.log_id);
  ExpectEqual();
}

TEST_F(LogCopierTest, GoesOnWhereTheTargetEndsAndCopiesNothingTwice) {
  Append(*source_, SignUps(1, 50));
  EXPECT_EQ(Copy()->copied, 50);
  Append(*source_, SignUps(51, 10));
  const CopyResult result = Copy().value();
  EXPECT_EQ(result.already_there, 50);
  EXPECT_EQ(result.copied, 10);
  EXPECT_EQ(Copy()->copied, 0);
  ExpectEqual();
}

TEST_F(LogCopierTest, CopiesEmptyLogs) {
  Lead(*source_).reset();
  EXPECT_EQ(Copy()->copied, 0);
}

TEST_F(LogCopierTest, TargetWithAnotherRecordIsLeftAsItIs) {
  Append(*source_, SignUps(1, 20));
  std::vector<Record> other = SignUps(1, 5);
  other[3].headers[0].value = "changed";
  Append(*target_, other);
  const CopyResult result = Copy().value();
  EXPECT_EQ(result.foreign, (RecordLocation{0, 4}));
  EXPECT_EQ(result.copied, 0);
  EXPECT_EQ(ReadAll(*target_).size(), 5u);
}

TEST_F(LogCopierTest, TargetThatIsAheadOfTheSourceIsRefused) {
  Append(*source_, SignUps(1, 20));
  Append(*target_, SignUps(1, 21));
  EXPECT_EQ(Copy()->foreign, (RecordLocation{0, 21}));
}

TEST_F(LogCopierTest, TargetThatIsBeingWrittenIsRefused) {
  Append(*source_, SignUps(1, 20));
  const auto writer = Lead(*target_);
  EXPECT_EQ(Copy().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(ReadAll(*target_).empty());
}

TEST_F(LogCopierTest, SourceThatIsBeingWrittenIsCopiedAsFarAsItGoesAndSaidToBe) {
  const auto writer = Lead(*source_);
  ASSERT_TRUE(writer->Append(SignUps(1, 20), [] {}).ok());
  const CopyResult result = Copy().value();
  EXPECT_EQ(result.verified, 20);
  EXPECT_THAT(result.source_not_held, testing::HasSubstr("written by another process"));
}

TEST_F(LogCopierTest, NobodyWritesToTheSourceMeanwhile) {
  Append(*source_, SignUps(1, 20));
  CopyOptions options;
  int refused = 0;
  options.on_progress = [&](const CopyProgress&) { refused += source_->Lead([] { return true; }).ok() ? 0 : 1; };
  ASSERT_TRUE(LogCopier(*source_, *target_, options).Run().ok());
  EXPECT_GT(refused, 0);
}

TEST_F(LogCopierTest, LogIsNotCopiedIntoItself) {
  Append(*source_, SignUps(1, 20));
  target_ = OpenEmbeddedLog(dir_.File("source.db"), SystemClock());
  EXPECT_EQ(Copy().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReadAll(*source_).size(), 20u);
}

TEST_F(LogCopierTest, SourceThatIsNoLogIsRefusedAndNotMade) {
  EXPECT_EQ(Copy().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_FALSE(source_->ReadIdentity().value().has_value());
}

// A reader that compares nothing but counts would pass these off as equal.
TEST_F(LogCopierTest, RecordsInAnotherOrderAreNoCopy) {
  Append(*source_, SignUps(1, 3));
  std::vector<Record> other = SignUps(1, 3);
  std::swap(other[1], other[2]);
  Append(*target_, other);
  EXPECT_EQ(Copy()->foreign, (RecordLocation{0, 2}));
}

}  // namespace
}  // namespace roster::event_log::tool
