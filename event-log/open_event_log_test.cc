#include "event-log/open_event_log.h"

#include "base/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::event_log {
namespace {

using testing::HasSubstr;

absl::Status Open(const LogOptions& options) { return OpenEventLog(options, SystemClock()).status(); }

TEST(OpenEventLogTest, BothAdaptersOpenWithoutAnythingToConnectTo) {
  const TempDir dir;
  EXPECT_TRUE(Open({.log = "embedded:" + dir.File("log.db")}).ok());
  EXPECT_TRUE(Open({.log = "kafka:127.0.0.1:1/users"}).ok());
}

TEST(OpenEventLogTest, WrongLogIsNamed) {
  for (const std::string log :
       {"", "embedded:", "file:log.db", "kafka:", "kafka:host/users", "kafka:host:9092", "log.db"}) {
    const absl::Status status = Open({.log = log});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << log;
    EXPECT_THAT(std::string(status.message()), HasSubstr("--log " + log));
  }
  const TempDir dir;
  EXPECT_EQ(Open({.log = "embedded:" + dir.File("")}).code(), absl::StatusCode::kInvalidArgument);
}

TEST(OpenEventLogTest, WrongOptionIsNamed) {
  const std::string log = "kafka:127.0.0.1:1/users";
  EXPECT_THAT(std::string(Open({.log = log, .kafka_properties = {"acks=1"}}).message()), HasSubstr("acks"));
  EXPECT_THAT(std::string(Open({.log = log, .kafka_properties_file = "/nonexistent"}).message()),
              HasSubstr("--kafka-properties-file"));
  EXPECT_THAT(std::string(Open({.log = log, .kafka_partitions = 0}).message()), HasSubstr("--kafka-partitions"));
  EXPECT_THAT(std::string(Open({.log = log, .kafka_partitions = 513}).message()), HasSubstr("--kafka-partitions"));
  EXPECT_THAT(std::string(Open({.log = log, .kafka_replication_factor = -1}).message()),
              HasSubstr("--kafka-replication-factor"));
}

TEST(OpenEventLogTest, FlagsSetTheOptions) {
  CLI::App app;
  LogOptions options;
  DeclareLogOptions(app, options);
  app.parse(
      "--log kafka:h:1/t --kafka-property a=1 --kafka-property b=2,3 --kafka-properties-file f "
      "--kafka-partitions 3 --kafka-replication-factor 2");
  EXPECT_EQ(options.log, "kafka:h:1/t");
  EXPECT_THAT(options.kafka_properties, testing::ElementsAre("a=1", "b=2,3"));
  EXPECT_EQ(options.kafka_properties_file, "f");
  EXPECT_EQ(options.kafka_partitions, 3);
  EXPECT_EQ(options.kafka_replication_factor, 2);
}

}  // namespace
}  // namespace roster::event_log
