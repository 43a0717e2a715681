#include "event-log/kafka/kafka_properties.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/temp_dir.h"
#include "event-log/kafka/kafka_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::event_log::kafka {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

TEST(KafkaPropertiesTest, AddressIsBrokersAndTopic) {
  const auto one = ParseKafkaAddress("127.0.0.1:9092/users");
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(one->brokers, "127.0.0.1:9092");
  EXPECT_EQ(one->topic, "users");
  const auto several = ParseKafkaAddress("a.example:9092,b.example:9093,[::1]:9094/team.users_v1-test");
  ASSERT_TRUE(several.ok()) << several.status();
  EXPECT_EQ(several->brokers, "a.example:9092,b.example:9093,[::1]:9094");
  EXPECT_EQ(several->topic, "team.users_v1-test");
}

TEST(KafkaPropertiesTest, BadAddressIsRefused) {
  for (const std::string address :
       {"", "/", "127.0.0.1:9092", "127.0.0.1:9092/", "127.0.0.1/users", ":9092/users", "h:0/users", "h:70000/users",
        "h:9092,/users", "h:x/users", "h:9092/with space", "h:9092/.", "h:9092/..", "h:9092/ü", "h :9092/users",
        "h\x01:9092/users", "h:9092, i:9092/users"}) {
    EXPECT_EQ(ParseKafkaAddress(address).status().code(), absl::StatusCode::kInvalidArgument) << address;
  }
  EXPECT_TRUE(ParseKafkaAddress(absl::StrCat("h:9092/", std::string(240, 't'))).ok());
  EXPECT_FALSE(ParseKafkaAddress(absl::StrCat("h:9092/", std::string(241, 't'))).ok());
}

TEST(KafkaPropertiesTest, FileGivesWhatFlagsDoNot) {
  const TempDir dir;
  std::ofstream(dir.File("kafka.properties"))
      << "# log-in\n\n  sasl.username = app \nsasl.password=p=ss#word\nlinger.ms=5\n";
  const auto properties = ReadKafkaProperties({"linger.ms=1"}, {}, dir.File("kafka.properties"));
  ASSERT_TRUE(properties.ok()) << properties.status();
  EXPECT_THAT(*properties,
              ElementsAre(Pair("linger.ms", "1"), Pair("sasl.password", "p=ss#word"), Pair("sasl.username", "app")));
}

TEST(KafkaPropertiesTest, BadLineIsNamedAndNotRepeated) {
  const TempDir dir;
  std::ofstream(dir.File("kafka.properties")) << "linger.ms=5\nsecret\n";
  const absl::Status status = ReadKafkaProperties({}, {}, dir.File("kafka.properties")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("line 2"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  EXPECT_EQ(ReadKafkaProperties({}, {}, dir.File("missing")).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadKafkaProperties({"=value"}, {}, "").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadKafkaProperties({".file=/etc/hostname"}, {}, "").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(KafkaPropertiesTest, WhatWouldWeakenTheLogIsRefused) {
  for (const std::string name :
       {"transactional.id", "acks", "request.required.acks", "enable.idempotence", "isolation.level", "partitioner",
        "max.in.flight", "max.in.flight.requests.per.connection", "auto.offset.reset", "enable.auto.commit", "group.id",
        "bootstrap.servers", "metadata.broker.list", "enable.partition.eof", "retries", "test.mock.num.brokers"}) {
    const absl::Status status = ReadKafkaProperties({absl::StrCat(name, "=1")}, {}, "").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(name));
  }
  EXPECT_TRUE(ReadKafkaProperties({"security.protocol=SSL", "socket.timeout.ms=1000"}, {}, "").ok());
}

TEST(KafkaPropertiesTest, RefusedPropertyInTheFileIsRefusedToo) {
  const TempDir dir;
  std::ofstream(dir.File("kafka.properties")) << "acks=0\n";
  EXPECT_EQ(ReadKafkaProperties({}, {}, dir.File("kafka.properties")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(KafkaPropertiesTest, EnvironmentGoesBeforeTheFileAndAfterFlags) {
  const TempDir dir;
  std::ofstream(dir.File("kafka.properties")) << "linger.ms=1\nsasl.username=of-file\nsasl.password=of-file\n";
  const auto properties = ReadKafkaProperties({"linger.ms=3"},
                                              {"HOME=/", "ROSTER_KAFKA_PROPERTY=x", "ROSTER_KAFKA_PROPERTY_LINGER_MS=2",
                                               "ROSTER_KAFKA_PROPERTY_SASL_USERNAME=a=b"},
                                              dir.File("kafka.properties"));
  ASSERT_TRUE(properties.ok()) << properties.status();
  EXPECT_THAT(*properties,
              ElementsAre(Pair("linger.ms", "3"), Pair("sasl.password", "of-file"), Pair("sasl.username", "a=b")));
  const absl::Status refused = ReadKafkaProperties({}, {"ROSTER_KAFKA_PROPERTY_ACKS=0"}, "").status();
  EXPECT_THAT(std::string(refused.message()), HasSubstr("ROSTER_KAFKA_PROPERTY_ACKS"));
}

TEST(KafkaPropertiesTest, ValueMayStandInAFileOfItsOwn) {
  const TempDir dir;
  std::ofstream(dir.File("password")) << " p=ss#word \n";
  std::ofstream(dir.File("empty")) << "\n";
  std::ofstream(dir.File("large")) << std::string(64 * 1024 + 1, 'x');
  const std::string setting = "sasl.password.file=" + dir.File("password");
  std::ofstream(dir.File("kafka.properties")) << setting << "\n";
  const auto password_is_read = ElementsAre(Pair("sasl.password", " p=ss#word "));
  EXPECT_THAT(*ReadKafkaProperties({setting}, {}, ""), password_is_read);
  EXPECT_THAT(*ReadKafkaProperties({}, {"ROSTER_KAFKA_PROPERTY_SASL_PASSWORD_FILE=" + dir.File("password")}, ""),
              password_is_read);
  EXPECT_THAT(*ReadKafkaProperties({}, {}, dir.File("kafka.properties")), password_is_read);
  for (const std::string file : {"missing", "empty", "large"}) {
    const absl::Status status = ReadKafkaProperties({"sasl.password.file=" + dir.File(file)}, {}, "").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("sasl.password.file"));
    EXPECT_THAT(std::string(status.message()), HasSubstr(dir.File(file)));
  }
  EXPECT_FALSE(ReadKafkaProperties({"acks.file=" + dir.File("password")}, {}, "").ok());
}

TEST(KafkaPropertiesTest, SecretOnTheCommandLineIsRefused) {
  const absl::Status status = ReadKafkaProperties({"sasl.password=hidden"}, {}, "").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("sasl.password.file=FILE"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("ROSTER_KAFKA_PROPERTY_SASL_PASSWORD"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hidden")));
}

absl::Status OpenWith(const KafkaProperties& properties) {
  return OpenKafkaLog({.address = {"127.0.0.1:1", "users"}, .properties = properties}, SystemClock()).status();
}

TEST(KafkaPropertiesTest, OpeningChecksPropertiesWithoutABroker) {
  EXPECT_TRUE(OpenWith({}).ok());
  EXPECT_TRUE(OpenWith({{"socket.timeout.ms", "2000"}}).ok());
  const absl::Status unknown = OpenWith({{"no.such.property", "secret"}});
  EXPECT_EQ(unknown.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("no.such.property"));
  const absl::Status value = OpenWith({{"socket.timeout.ms", "secret"}});
  EXPECT_EQ(value.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(value.message()), Not(HasSubstr("secret")));
  // Found only when a client is made: the file is not there; a message would outlive its transaction.
  EXPECT_EQ(OpenWith({{"security.protocol", "SSL"}, {"ssl.ca.location", "/nonexistent/ca.pem"}}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenWith({{"message.timeout.ms", "600000"}}).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace roster::event_log::kafka
