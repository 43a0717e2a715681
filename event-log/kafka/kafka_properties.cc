#include "event-log/kafka/kafka_properties.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/error.h"

namespace roster::event_log::kafka {
namespace {

// Kafka allows 249; the names of the control and dead-letter topics are this one with a suffix.
constexpr size_t kMaxTopicBytes = 240;

constexpr absl::string_view kNamesBrokers = "the brokers are named by --log kafka:HOST:PORT/TOPIC";
constexpr absl::string_view kFence = "Roster's transactions are the fence of its single writer, and need it as it is";
constexpr absl::string_view kDurable = "an acknowledged event would no longer be safe";
constexpr absl::string_view kOrder = "the order of events on the log would change";
constexpr absl::string_view kPartitioner =
    "events of one user must stay on one partition, the one that Java clients choose too (murmur2_random)";
constexpr absl::string_view kPositions = "Roster keeps its positions itself, beside what it folded";
constexpr absl::string_view kIntegrity = "damage or loss would go unnoticed";
constexpr absl::string_view kTopics = "Roster creates its topics itself, with settings that lose no event";
constexpr absl::string_view kGroup = "the consumer group is chosen by the program";

// By librdkafka's names and aliases. What is not here may be set: security, addresses, sizes, timeouts.
constexpr std::pair<absl::string_view, absl::string_view> kRefused[] = {
    {"metadata.broker.list", kNamesBrokers},
    {"bootstrap.servers", kNamesBrokers},
    {"test.mock.num.brokers", "a mock broker keeps nothing"},
    {"transactional.id", kFence},
    {"enable.idempotence", kFence},
    {"max.in.flight", kOrder},
    {"max.in.flight.requests.per.connection", kOrder},
    {"queuing.strategy", kOrder},
    {"enable.gapless.guarantee", kOrder},
    {"acks", kDurable},
    {"request.required.acks", kDurable},
    {"retries", kDurable},
    {"message.send.max.retries", kDurable},
    {"partitioner", kPartitioner},
    {"isolation.level", "events of aborted batches would be read"},
    {"check.crcs", kIntegrity},
    {"auto.offset.reset", kIntegrity},
    {"enable.auto.commit", kPositions},
    {"auto.commit.enable", kPositions},
    {"enable.auto.offset.store", kPositions},
    {"enable.partition.eof", "Roster could not tell the end of the log"},
    {"allow.auto.create.topics", kTopics},
    {"group.id", kGroup},
    {"group.instance.id", kGroup},
    {"group.protocol", kGroup},
    {"partition.assignment.strategy", kGroup},
};

bool IsTopicName(absl::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= kMaxTopicBytes &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-'; });
}

bool IsBroker(absl::string_view broker) {
  const size_t colon = broker.rfind(':');
  int port = 0;
  if (!std::all_of(broker.begin(), broker.end(), absl::ascii_isgraph)) return false;
  return colon != absl::string_view::npos && colon > 0 && absl::SimpleAtoi(broker.substr(colon + 1), &port) &&
         port > 0 && port < 65536;
}

// Adds one setting to `properties` unless it is there already.
absl::Status AddProperty(absl::string_view setting, absl::string_view where, KafkaProperties& properties) {
  const size_t equals = setting.find('=');
  const absl::string_view name = absl::StripAsciiWhitespace(setting.substr(0, equals));
  if (equals == absl::string_view::npos || name.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(where, ": must be name=value"));
  }
  if (absl::Status allowed = CheckPropertyAllowed(name); !allowed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(where, ": ", allowed.message()));
  }
  properties.emplace(std::string(name), std::string(absl::StripAsciiWhitespace(setting.substr(equals + 1))));
  return absl::OkStatus();
}

absl::Status AddPropertiesOfFile(const std::string& file, KafkaProperties& properties) {
  std::ifstream lines(file);
  if (!lines) return absl::InvalidArgumentError(absl::StrCat("--kafka-properties-file: cannot read ", file));
  std::string line;
  KafkaProperties of_file;
  for (int number = 1; std::getline(lines, line); ++number) {
    const absl::string_view setting = absl::StripAsciiWhitespace(line);
    if (setting.empty() || setting[0] == '#') continue;
    ROSTER_RETURN_IF_ERROR(
        AddProperty(setting, absl::StrCat("--kafka-properties-file ", file, ", line ", number), of_file));
  }
  properties.merge(of_file);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<KafkaAddress> ParseKafkaAddress(absl::string_view address) {
  const size_t slash = address.rfind('/');
  if (slash == absl::string_view::npos) {
    return absl::InvalidArgumentError("the topic is missing: use kafka:HOST:PORT[,HOST:PORT...]/TOPIC");
  }
  KafkaAddress result{std::string(address.substr(0, slash)), std::string(address.substr(slash + 1))};
  for (absl::string_view broker : absl::StrSplit(result.brokers, ',')) {
    if (!IsBroker(broker)) {
      return absl::InvalidArgumentError(absl::StrCat("broker \"", broker, "\" is not HOST:PORT"));
    }
  }
  if (!IsTopicName(result.topic)) {
    return absl::InvalidArgumentError(absl::StrCat("topic \"", result.topic, "\" must be 1 to ", kMaxTopicBytes,
                                                   " letters, digits, '.', '_' or '-'"));
  }
  return result;
}

absl::StatusOr<KafkaProperties> ReadKafkaProperties(const std::vector<std::string>& settings, const std::string& file) {
  KafkaProperties properties;
  for (const std::string& setting : settings) {
    ROSTER_RETURN_IF_ERROR(AddProperty(setting, "--kafka-property", properties));
  }
  if (!file.empty()) ROSTER_RETURN_IF_ERROR(AddPropertiesOfFile(file, properties));
  return properties;
}

absl::Status CheckPropertyAllowed(absl::string_view name) {
  for (const auto& [refused, reason] : kRefused) {
    if (name == refused) return absl::InvalidArgumentError(absl::StrCat(name, " cannot be set: ", reason));
  }
  return absl::OkStatus();
}

}  // namespace roster::event_log::kafka
