#include "event-log/kafka/kafka_properties.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/error.h"
#include "base/host_port.h"

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

constexpr absl::string_view kSecrets[] = {"sasl.password", "ssl.key.password", "ssl.key.pem", "ssl.keystore.password",
                                          "sasl.oauthbearer.client.secret"};

constexpr absl::string_view kEnvironmentPrefix = "ROSTER_KAFKA_PROPERTY_";
constexpr absl::string_view kOfFile = ".file";
constexpr size_t kMaxValueBytes = 64 * 1024;

absl::StatusOr<std::string> ReadValueFile(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string value(kMaxValueBytes + 1, '\0');
  stream.read(value.data(), static_cast<std::streamsize>(value.size()));
  if (!stream.is_open() || stream.bad()) return absl::InvalidArgumentError(absl::StrCat("cannot read ", file));
  value.resize(static_cast<size_t>(stream.gcount()));
  if (value.size() > kMaxValueBytes) return absl::InvalidArgumentError(absl::StrCat(file, " is larger than 64 KiB"));
  if (absl::EndsWith(value, "\n")) value.pop_back();
  if (absl::EndsWith(value, "\r")) value.pop_back();
  if (value.empty()) return absl::InvalidArgumentError(absl::StrCat(file, " is empty"));
  return value;
}

// Adds one setting to `properties` unless it is there already.
absl::Status AddProperty(absl::string_view setting, absl::string_view where, KafkaProperties& properties) {
  const size_t equals = setting.find('=');
  absl::string_view name = absl::StripAsciiWhitespace(setting.substr(0, equals));
  if (equals == absl::string_view::npos || name.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(where, ": must be name=value"));
  }
  std::string value(absl::StripAsciiWhitespace(setting.substr(equals + 1)));
  if (name == kOfFile) return absl::InvalidArgumentError(absl::StrCat(where, ": must be name", kOfFile, "=FILE"));
  if (absl::ConsumeSuffix(&name, kOfFile)) {
    absl::StatusOr<std::string> of_file = ReadValueFile(value);
    if (!of_file.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(where, " ", name, kOfFile, ": ", of_file.status().message()));
    }
    value = *std::move(of_file);
  }
  if (absl::Status allowed = CheckPropertyAllowed(name); !allowed.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(where, ": ", allowed.message()));
  }
  properties.emplace(std::string(name), std::move(value));
  return absl::OkStatus();
}

// Of --kafka-property, also where that comes from the environment or a file: one rule to remember.
absl::Status CheckHoldsNoSecret(absl::string_view setting) {
  const absl::string_view name = absl::StripAsciiWhitespace(setting.substr(0, setting.find('=')));
  if (!absl::c_linear_search(kSecrets, name)) return absl::OkStatus();
  const std::string variable = absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{".", "_"}}));
  return absl::InvalidArgumentError(absl::StrCat(
      "--kafka-property ", name,
      ": everybody on this machine could read it in the list of processes; use --kafka-property ", name,
      ".file=FILE, the environment variable ", kEnvironmentPrefix, variable, ", or --kafka-properties-file"));
}

// ROSTER_KAFKA_PROPERTY_SASL_USERNAME=app -> sasl.username=app.
absl::Status AddPropertiesOfEnvironment(const std::vector<std::string>& environment, KafkaProperties& properties) {
  KafkaProperties of_environment;
  for (absl::string_view variable : environment) {
    if (!absl::ConsumePrefix(&variable, kEnvironmentPrefix)) continue;
    const absl::string_view suffix = variable.substr(0, variable.find('='));
    const std::string name = absl::AsciiStrToLower(absl::StrReplaceAll(suffix, {{"_", "."}}));
    ROSTER_RETURN_IF_ERROR(AddProperty(absl::StrCat(name, variable.substr(suffix.size())),
                                       absl::StrCat("environment variable ", kEnvironmentPrefix, suffix),
                                       of_environment));
  }
  properties.merge(of_environment);
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
    if (!IsServerAddress(broker)) {
      return absl::InvalidArgumentError(absl::StrCat("broker \"", broker, "\" is not HOST:PORT"));
    }
  }
  if (!IsTopicName(result.topic)) {
    return absl::InvalidArgumentError(absl::StrCat("topic \"", result.topic, "\" must be 1 to ", kMaxTopicBytes,
                                                   " letters, digits, '.', '_' or '-'"));
  }
  return result;
}

absl::StatusOr<KafkaProperties> ReadKafkaProperties(const std::vector<std::string>& settings,
                                                    const std::vector<std::string>& environment,
                                                    const std::string& file) {
  KafkaProperties properties;
  for (const std::string& setting : settings) {
    ROSTER_RETURN_IF_ERROR(CheckHoldsNoSecret(setting));
    ROSTER_RETURN_IF_ERROR(AddProperty(setting, "--kafka-property", properties));
  }
  ROSTER_RETURN_IF_ERROR(AddPropertiesOfEnvironment(environment, properties));
  if (!file.empty()) ROSTER_RETURN_IF_ERROR(AddPropertiesOfFile(file, properties));
  return properties;
}

std::vector<std::string> ProcessEnvironment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  return variables;
}

absl::Status CheckPropertyAllowed(absl::string_view name) {
  for (const auto& [refused, reason] : kRefused) {
    if (name == refused) return absl::InvalidArgumentError(absl::StrCat(name, " cannot be set: ", reason));
  }
  return absl::OkStatus();
}

}  // namespace roster::event_log::kafka
