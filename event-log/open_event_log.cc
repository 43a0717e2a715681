#include "event-log/open_event_log.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/error.h"
#include "event-log/embedded/embedded_log.h"
#include "event-log/kafka/kafka_log.h"

namespace roster::event_log {
namespace {

// Each partition adds to every consistency token: with more, a token would not fit its limit (base/token.h).
constexpr int kMaxPartitions = 512;
constexpr int kMaxReplicationFactor = 15;

absl::Status InvalidLog(absl::string_view log, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat("--log ", log, ": ", problem));
}

absl::Status CheckRange(absl::string_view option, int value, int least, int most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(option, " ", value, ": must be from ", least, " to ", most));
}

absl::StatusOr<std::unique_ptr<EventLog>> OpenEmbedded(const LogOptions& options, absl::string_view path,
                                                       const Clock& clock) {
  if (path.empty()) return InvalidLog(options.log, "the path is missing: use embedded:PATH");
  const std::filesystem::path file{std::string(path)};
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return InvalidLog(options.log, "is a folder: name a file in it");
  return OpenEmbeddedLog(file.string(), clock);
}

absl::StatusOr<std::unique_ptr<EventLog>> OpenKafka(const LogOptions& options, absl::string_view address,
                                                    const Clock& clock) {
  kafka::KafkaLogOptions kafka;
  absl::StatusOr<kafka::KafkaAddress> parsed = kafka::ParseKafkaAddress(address);
  if (!parsed.ok()) return InvalidLog(options.log, parsed.status().message());
  kafka.address = *std::move(parsed);
  ROSTER_RETURN_IF_ERROR(CheckRange("--kafka-partitions", options.kafka_partitions, 1, kMaxPartitions));
  ROSTER_RETURN_IF_ERROR(
      CheckRange("--kafka-replication-factor", options.kafka_replication_factor, 0, kMaxReplicationFactor));
  ROSTER_ASSIGN_OR_RETURN(
      kafka.properties,
      kafka::ReadKafkaProperties(options.kafka_properties, kafka::ProcessEnvironment(), options.kafka_properties_file));
  kafka.partitions = options.kafka_partitions;
  kafka.replication_factor = options.kafka_replication_factor;
  kafka.group = options.kafka_group;
  return kafka::OpenKafkaLog(kafka, clock);
}

}  // namespace

LogName NameOfLog(const LogOptions& options) {
  const std::string system = options.log.substr(0, options.log.find(':'));
  return {.system = system, .name = options.log.substr(options.log.find_last_of(":/") + 1)};
}

void DeclareLogOptions(CLI::App& app, LogOptions& options, const std::optional<LogFlag>& flag) {
  const std::string prefix = flag && flag->name != "log" ? absl::StrCat("--", flag->name, "-") : "--";
  const std::string help = flag ? flag->help : "The log";
  app.add_option(flag ? absl::StrCat("--", flag->name) : "--log", options.log,
                 absl::StrCat(help, ": embedded:PATH (one SQLite file) or kafka:HOST:PORT[,HOST:PORT...]/TOPIC",
                              flag ? "" : "; all services of one deployment name the same"))
      ->capture_default_str();
  app.add_option(
         prefix + "kafka-property", options.kafka_properties,
         "A setting of librdkafka, name=value (security.protocol=SASL_SSL, ...), or name.file=FILE, whose content "
         "is the value; may be given several times. Also ROSTER_KAFKA_PROPERTY_SECURITY_PROTOCOL and so on")
      ->allow_extra_args(false);
  app.add_option(prefix + "kafka-properties-file", options.kafka_properties_file,
                 "File of such settings, one a line. Flags and the environment go before it");
  if (flag && !flag->may_be_new) return;
  app.add_option(prefix + "kafka-partitions", options.kafka_partitions,
                 "Partitions of a topic that is created; cannot be changed later")
      ->capture_default_str();
  app.add_option(prefix + "kafka-replication-factor", options.kafka_replication_factor,
                 "Copies of each partition of a topic that is created; 0: one on every broker, at most 3")
      ->capture_default_str();
}

absl::StatusOr<std::unique_ptr<EventLog>> OpenEventLog(const LogOptions& options, const Clock& clock) {
  absl::string_view log = options.log;
  if (absl::ConsumePrefix(&log, "embedded:")) return OpenEmbedded(options, log, clock);
  if (absl::ConsumePrefix(&log, "kafka:")) return OpenKafka(options, log, clock);
  return InvalidLog(options.log, "must be embedded:PATH or kafka:HOST:PORT[,HOST:PORT...]/TOPIC");
}

}  // namespace roster::event_log
