#ifndef ROSTER_EVENT_LOG_OPEN_EVENT_LOG_H_
#define ROSTER_EVENT_LOG_OPEN_EVENT_LOG_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "event-log/event_log.h"

namespace roster::event_log {

// Which log a program uses, and how: the settings that all programs with a log share.
struct LogOptions {
  // "embedded:PATH" or "kafka:HOST:PORT[,HOST:PORT...]/TOPIC".
  std::string log = "embedded:var/log.db";
  // Settings of librdkafka, "name=value" each, without secrets.
  std::vector<std::string> kafka_properties;
  // A file of such lines; '#' begins a comment. kafka_properties, and the process's environment, go before it.
  std::string kafka_properties_file;
  // For a topic that is not there yet.
  int kafka_partitions = 6;
  // 0: a copy on every broker, at most 3.
  int kafka_replication_factor = 0;
  // Consumer group that a fold reports its progress to; empty: none. Set by the program.
  std::string kafka_group;
};

// How a program calls its log where it is not --log: with the name "to" the flags are --to, --to-kafka-property and so
// on.
struct LogFlag {
  std::string name;
  std::string help;
  // Whether the log may have to be made: else there are no flags that say how.
  bool may_be_new = true;
};

// What a log is called where people are told of it.
struct LogName {
  // "kafka" or "embedded".
  std::string system;
  // The topic, or the file's name without its folder.
  std::string name;
};
LogName NameOfLog(const LogOptions& options);

// Declares the flags --log, --kafka-property, --kafka-properties-file, --kafka-partitions and
// --kafka-replication-factor, which write into `options`.
void DeclareLogOptions(CLI::App& app, LogOptions& options, const std::optional<LogFlag>& flag = std::nullopt);

// Opens the log that `options` names. Does not wait for it to be reachable. INVALID_ARGUMENT names the option that is
// wrong. `clock` must outlive the log.
absl::StatusOr<std::unique_ptr<EventLog>> OpenEventLog(const LogOptions& options, const Clock& clock);

}  // namespace roster::event_log

#endif  // ROSTER_EVENT_LOG_OPEN_EVENT_LOG_H_
