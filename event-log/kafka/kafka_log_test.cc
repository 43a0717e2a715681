// What is particular to the Kafka adapter, on a real broker; what both adapters share is in event-log/contract_test.cc.
#include "event-log/kafka/kafka_log.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "event-log/genesis.h"
#include "event-log/kafka/client_config.h"
#include "event-log/kafka/durability.h"
#include "event-log/kafka/test_broker.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::event_log::kafka {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

const std::map<std::string, std::string> kKeepForever = {{"retention.ms", "-1"}, {"retention.bytes", "-1"}};
constexpr absl::Duration kPatience = absl::Seconds(60);

struct Copied {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<Header> headers;
};

class KafkaLogTest : public testing::Test {
 protected:
  std::unique_ptr<EventLog> Open(int partitions = 1, const std::string& group = "") {
    return OpenKafkaLog({.address = {TestBroker(), topic_}, .partitions = partitions, .group = group}, SystemClock())
        .value();
  }

  static std::unique_ptr<Appender> LeadOf(EventLog& log) {
    return log.Lead([] { return true; }).value();
  }

  static void Append(Appender& appender, const std::string& value) {
    const Record record{.key = "key", .value = value};
    const auto locations = appender.Append({&record, 1}, [] {});
    ASSERT_TRUE(locations.ok()) << locations.status();
  }

  // Reads until the end as of now, and adds what was read to `records`.
  static absl::Status ReadToEnd(Reader& reader, std::vector<Copied>& records) {
    const absl::Time now = absl::Now();
    while (absl::Now() < now + kPatience) {
      const auto result = reader.Poll(1000, absl::Milliseconds(100), [&](const RecordView& record) {
        Copied copy;
        if (record.key) copy.key = std::string(*record.key);
        if (record.value) copy.value = std::string(*record.value);
        for (const HeaderView& header : record.headers) {
          copy.headers.push_back({std::string(header.key), std::string(header.value)});
        }
        records.push_back(std::move(copy));
      });
      if (!result.ok()) return result.status();
      if (result->complete_as_of && *result->complete_as_of > now) return absl::OkStatus();
    }
    return absl::DeadlineExceededError("the end of the log did not come");
  }

  // Values of all records but the genesis record.
  static std::vector<std::string> ReadValues(EventLog& log) {
    auto reader = log.OpenReader({});
    EXPECT_TRUE(reader.ok()) << reader.status();
    std::vector<Copied> records;
    const absl::Status status = ReadToEnd(**reader, records);
    EXPECT_TRUE(status.ok()) << status;
    std::vector<std::string> values;
    for (const Copied& record : records) {
      if (record.key != kGenesisKey) values.push_back(record.value.value_or("(none)"));
    }
    return values;
  }

  // Polls until the reader fails otherwise than for the moment.
  static absl::Status PollUntilBroken(Reader& reader) {
    for (const absl::Time deadline = absl::Now() + kPatience; absl::Now() < deadline;) {
      const auto result = reader.Poll(1000, absl::Milliseconds(100), [](const RecordView&) {});
      if (!result.ok() && !absl::IsUnavailable(result.status())) return result.status();
    }
    return absl::OkStatus();
  }

  // Appends until the appender is spent, and returns how many appends were acknowledged before.
  static int AppendUntilSpent(Appender& appender) {
    const Record record{.key = "key", .value = "after"};
    int acknowledged = 0;
    for (const absl::Time deadline = absl::Now() + kPatience; absl::Now() < deadline;) {
      const auto locations = appender.Append({&record, 1}, [] {});
      acknowledged += locations.ok() ? 1 : 0;
      const AppendFailure failure = FailureOf(locations.status());
      if (!locations.ok() && failure != AppendFailure::kUnavailable) return acknowledged;
    }
    ADD_FAILURE() << "the appender went on";
    return acknowledged;
  }

  const std::string topic_ = NewTopicName();
  Outsider outsider_{topic_};
};

TEST_F(KafkaLogTest, FirstLeaderCreatesTopicsThatLoseNoEvent) {
  LeadOf(*Open(3)).reset();
  const auto settings = outsider_.Settings(topic_);
  EXPECT_THAT(settings, Contains(Pair("cleanup.policy", "delete")));
  EXPECT_THAT(settings, Contains(Pair("retention.ms", "-1")));
  EXPECT_THAT(settings, Contains(Pair("retention.bytes", "-1")));
  EXPECT_THAT(outsider_.Settings(topic_ + ".dlq"), Contains(Pair("retention.ms", "-1")));
  EXPECT_THAT(outsider_.Settings(topic_ + ".control"), Contains(Pair("cleanup.policy", "compact")));
  EXPECT_EQ(Open()->ReadIdentity().value()->partitions, 3);
}

TEST_F(KafkaLogTest, DurabilityIsReadFromBrokersAndTopic) {
  outsider_.CreateTopic(3, {{"min.insync.replicas", "2"}});
  const ClientConfig config = ClientConfig::Make(TestBroker(), topic_, /*group=*/"", /*properties=*/{}).value();
  const auto consumer = config.MakeConsumer().value();
  const auto description = DescribeTopic(*consumer, topic_).value().value();
  const auto durability = ReadDurability(*consumer, topic_, description, WaitOn);
  ASSERT_TRUE(durability.ok()) << durability.status();
  EXPECT_EQ(durability->replication_factor, 1);
  EXPECT_EQ(durability->min_insync_replicas, 2);
  EXPECT_GE(durability->brokers, 1);
}

TEST_F(KafkaLogTest, TopicThatDeletesByAgeIsRefused) {
  outsider_.CreateTopic(1, {{"retention.ms", "604800000"}});
  const absl::Status status = Open()->Lead([] { return true; }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("retention.ms=-1"));
}

TEST_F(KafkaLogTest, CompactedTopicIsTakenWhereItKeepsEventsLongEnough) {
  outsider_.CreateTopic(1, {{"cleanup.policy", "compact"}, {"min.compaction.lag.ms", "172800000"}});
  EXPECT_TRUE(Open()->Lead([] { return true; }).ok());
}

TEST_F(KafkaLogTest, TopicThatIsThereKeepsItsPartitions) {
  outsider_.CreateTopic(2, {{"retention.ms", "-1"}});
  auto log = Open(6);
  LeadOf(*log).reset();
  EXPECT_EQ(log->ReadIdentity().value()->partitions, 2);
}

TEST_F(KafkaLogTest, RecordsWithoutGenesisAreRefused) {
  outsider_.CreateTopic(3, {{"retention.ms", "-1"}});
  outsider_.Produce({.key = "k", .value = "v", .partition = 1});
  auto log = Open(3);
  EXPECT_EQ(log->ReadIdentity().status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(log->Lead([] { return true; }).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(log->OpenReader({}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(KafkaLogTest, ReaderWaitsForATopicThatIsNotThere) {
  EXPECT_EQ(Open()->OpenReader({}).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(KafkaLogTest, EmptyTopicHasNoEndBeforeItsGenesis) {
  outsider_.CreateTopic(2, {{"retention.ms", "-1"}});
  auto log = Open();
  auto reader = log->OpenReader({}).value();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(reader->Poll(10, absl::Milliseconds(50), [](const RecordView&) {})->complete_as_of, std::nullopt);
  }
  auto appender = LeadOf(*log);
  std::vector<Copied> records;
  EXPECT_TRUE(ReadToEnd(*reader, records).ok());
  EXPECT_THAT(records, SizeIs(1));
}

TEST_F(KafkaLogTest, WhatOutsidersWriteIsReadAsItIs) {
  auto log = Open();
  auto appender = LeadOf(*log);
  std::vector<Header> many;
  for (int i = 0; i < 2000; ++i) many.push_back({absl::StrCat("h", i), std::string(i % 7, 'x')});
  outsider_.Produce({.key = "tombstone"});
  outsider_.Produce({.value = "no key"});
  outsider_.Produce({});
  outsider_.Produce({.key = "", .value = ""});
  outsider_.Produce({.key = "headers", .value = "v", .headers = many});
  outsider_.Produce({.key = "large", .value = std::string(6'000'000, 'x')});
  Append(*appender, "last");

  std::vector<Copied> records;
  ASSERT_TRUE(ReadToEnd(*log->OpenReader({}).value(), records).ok());
  ASSERT_THAT(records, SizeIs(8));
  EXPECT_EQ(records[1].key, "tombstone");
  EXPECT_EQ(records[1].value, std::nullopt);
  EXPECT_EQ(records[2].key, std::nullopt);
  EXPECT_EQ(records[2].value, "no key");
  EXPECT_EQ(records[3].key, std::nullopt);
  EXPECT_EQ(records[3].value, std::nullopt);
  EXPECT_EQ(records[4].key, "");
  EXPECT_EQ(records[4].value, "");
  EXPECT_EQ(records[5].headers, many);
  EXPECT_EQ(records[6].value->size(), 6'000'000u);
  EXPECT_EQ(records[7].value, "last");
}

TEST_F(KafkaLogTest, AbortedTransactionsAreInvisibleAndOpenOnesHoldTheEndBack) {
  auto log = Open();
  auto appender = LeadOf(*log);
  auto reader = log->OpenReader({}).value();
  std::vector<Copied> records;
  ASSERT_TRUE(ReadToEnd(*reader, records).ok());
  records.clear();

  outsider_.ProduceInTransaction({.key = "k", .value = "aborted"});
  Append(*appender, "behind the open transaction");
  const absl::Time appended = absl::Now();
  for (int i = 0; i < 30; ++i) {
    const auto result = reader->Poll(10, absl::Milliseconds(50), [](const RecordView&) {});
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->records, 0);
    EXPECT_LT(result->complete_as_of.value_or(absl::InfinitePast()), appended);
  }
  outsider_.EndTransaction(/*commit=*/false);
  ASSERT_TRUE(ReadToEnd(*reader, records).ok());
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_EQ(records[0].value, "behind the open transaction");
}

TEST_F(KafkaLogTest, LeadWaitsForTransactionsOfOthers) {
  auto log = Open();
  LeadOf(*log).reset();
  outsider_.ProduceInTransaction({.key = "k", .value = "v"});
  int asked = 0;
  EXPECT_EQ(log->Lead([&] { return ++asked < 20; }).status().code(), absl::StatusCode::kCancelled);
  outsider_.EndTransaction(/*commit=*/true);
  EXPECT_TRUE(log->Lead([] { return true; }).ok());
}

TEST_F(KafkaLogTest, LeaderDeposedWithinAnAppendHasAppendedAllOrNothingAndIsToldSo) {
  int deposed = 0;
  for (const int depose_at : {1, 2, 3, 4, 6, 9}) {
    auto log = Open();
    auto appender = LeadOf(*log);
    const std::string value = "deposed-" + std::to_string(depose_at);
    std::vector<Record> batch;
    for (int i = 0; i < 20; ++i) batch.push_back({.key = std::to_string(i), .value = value});
    auto another = Open();
    std::unique_ptr<Appender> successor;
    int calls = 0;
    // At another moment each time: while records are on their way, before the commit, within it.
    const auto result = appender->Append(batch, [&] {
      if (++calls == depose_at) successor = another->Lead([] { return true; }).value();
    });
    if (successor == nullptr) successor = another->Lead([] { return true; }).value();
    std::vector<Copied> records;
    auto reader = another->OpenReader({}).value();
    ASSERT_TRUE(ReadToEnd(*reader, records).ok());
    const auto found =
        std::count_if(records.begin(), records.end(), [&](const Copied& record) { return record.value == value; });
    if (result.ok()) {
      EXPECT_EQ(found, 20) << depose_at;
    } else if (FailureOf(result.status()) == AppendFailure::kUnknown) {
      EXPECT_TRUE(found == 0 || found == 20) << depose_at << ": " << found;
    } else {
      EXPECT_EQ(FailureOf(result.status()), AppendFailure::kFenced) << result.status();
      EXPECT_EQ(found, 0) << depose_at;
    }
    if (!result.ok()) ++deposed;
    // What it may have had under way when the successor came is settled: nothing comes later.
    Append(*successor, "after " + value);
    ASSERT_TRUE(ReadToEnd(*reader, records).ok());
    EXPECT_EQ(
        std::count_if(records.begin(), records.end(), [&](const Copied& record) { return record.value == value; }),
        found);
  }
  EXPECT_GT(deposed, 0);
}

TEST_F(KafkaLogTest, RecreatedTopicIsNoticedByItsReader) {
  auto log = Open();
  Append(*LeadOf(*log), "v");
  auto reader = log->OpenReader({}).value();
  std::vector<Copied> records;
  ASSERT_TRUE(ReadToEnd(*reader, records).ok());
  outsider_.DeleteTopic();
  // Made anew and longer than before, so that the reader's position fits.
  auto again = Open();
  auto appender = LeadOf(*again);
  for (int i = 0; i < 10; ++i) Append(*appender, "another log's");
  EXPECT_EQ(PollUntilBroken(*reader).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(KafkaLogTest, LeaderDoesNotAcknowledgeWhatItAppendedToATopicMadeAnew) {
  auto log = Open();
  auto appender = LeadOf(*log);
  for (int i = 0; i < 3; ++i) Append(*appender, "before");
  outsider_.DeleteTopic();
  outsider_.CreateTopic(1, kKeepForever);
  EXPECT_EQ(AppendUntilSpent(*appender), 0);
  // What was appended has no genesis record before it.
  EXPECT_EQ(log->Lead([] { return true; }).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(KafkaLogTest, LeaderNoticesALongerTopicWithinASecond) {
  auto log = Open();
  auto appender = LeadOf(*log);
  Append(*appender, "before");
  outsider_.DeleteTopic();
  outsider_.CreateTopic(1, kKeepForever);
  for (int i = 0; i < 10; ++i) outsider_.Produce({.key = "key", .value = "another log's"});
  // It fits behind the appends before. Which topic it is, the appender asks once a second.
  AppendUntilSpent(*appender);
  EXPECT_EQ(log->Lead([] { return true; }).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(KafkaLogTest, LeaderNoticesAddedPartitions) {
  auto log = Open();
  auto appender = LeadOf(*log);
  Append(*appender, "before");
  outsider_.AddPartitions(2);
  AppendUntilSpent(*appender);
  EXPECT_EQ(log->Lead([] { return true; }).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(KafkaLogTest, AddedPartitionsAreNoticed) {
  auto log = Open(2);
  LeadOf(*log).reset();
  auto reader = log->OpenReader({}).value();
  outsider_.AddPartitions(3);
  EXPECT_EQ(PollUntilBroken(*reader).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(log->OpenReader({}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(log->Lead([] { return true; }).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(KafkaLogTest, UnreachableBrokersAreReportedAndWaitedFor) {
  auto log = OpenKafkaLog({.address = {"127.0.0.1:1", "users"}}, SystemClock()).value();
  const absl::Status identity = log->ReadIdentity().status();
  EXPECT_EQ(identity.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(identity.message()), HasSubstr("refused"));
  EXPECT_EQ(log->OpenReader({}).status().code(), absl::StatusCode::kUnavailable);
  int asked = 0;
  EXPECT_EQ(log->Lead([&] { return ++asked < 5; }).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(asked, 5);
}

TEST_F(KafkaLogTest, DeadLetterKeepsItsBytesAndHeaders) {
  auto log = Open();
  LeadOf(*log).reset();
  const Record small{.key = "k", .value = std::string("\0\xff", 2), .headers = {{"__connect.errors.offset", "7"}}};
  const Record large{.key = "large", .value = std::string(6'000'000, 'x')};
  ASSERT_TRUE(log->CopyToDeadLetterTopic(small).ok());
  ASSERT_TRUE(log->CopyToDeadLetterTopic(large).ok());
  const auto copies = outsider_.Consume(topic_ + ".dlq", 0, 2);
  ASSERT_THAT(copies, SizeIs(2));
  EXPECT_EQ(copies[0].key, small.key);
  EXPECT_EQ(copies[0].value, small.value);
  EXPECT_EQ(copies[0].headers, small.headers);
  EXPECT_EQ(copies[1].value, large.value);
}

TEST_F(KafkaLogTest, DeadLetterWithoutItsTopicIsForLater) {
  EXPECT_EQ(Open()->CopyToDeadLetterTopic({.key = "k", .value = "v"}).code(), absl::StatusCode::kUnavailable);
}

TEST_F(KafkaLogTest, ProgressIsCommittedToTheGroup) {
  auto log = Open(2, "lag-" + topic_);
  LeadOf(*log).reset();
  auto reader = log->OpenReader({}).value();
  std::vector<Copied> records;
  ASSERT_TRUE(ReadToEnd(*reader, records).ok());
  Position position = StartOf(log->ReadIdentity().value()->log_id, 2);
  position.next_offsets = {1, 0};
  reader->ReportProgress(position);
  std::vector<int64_t> committed;
  for (const absl::Time deadline = absl::Now() + kPatience;
       absl::Now() < deadline && committed != position.next_offsets;) {
    ASSERT_TRUE(reader->Poll(10, absl::Milliseconds(50), [](const RecordView&) {}).ok());
    committed = outsider_.CommittedOffsets("lag-" + topic_, 2);
  }
  EXPECT_EQ(committed, position.next_offsets);
}

TEST_F(KafkaLogTest, TwoWhoLeadInTurnNeverMixTheirBatches) {
  auto first = Open();
  auto second = Open();
  std::vector<std::string> acknowledged;
  for (int i = 0; i < 6; ++i) {
    auto appender = LeadOf(i % 2 == 0 ? *first : *second);
    for (int batch = 0; batch < 3; ++batch) {
      acknowledged.push_back(absl::StrCat(i, ".", batch));
      Append(*appender, acknowledged.back());
    }
  }
  EXPECT_EQ(ReadValues(*first), acknowledged);
}

}  // namespace
}  // namespace roster::event_log::kafka
