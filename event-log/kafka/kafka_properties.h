#ifndef ROSTER_EVENT_LOG_KAFKA_KAFKA_PROPERTIES_H_
#define ROSTER_EVENT_LOG_KAFKA_KAFKA_PROPERTIES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace roster::event_log::kafka {

// Settings of librdkafka by name, as a user gives them.
using KafkaProperties = std::map<std::string, std::string>;

// Where a topic is: "HOST:PORT[,HOST:PORT...]/TOPIC".
struct KafkaAddress {
  std::string brokers;
  std::string topic;
};

// INVALID_ARGUMENT says what is wrong with `address`.
absl::StatusOr<KafkaAddress> ParseKafkaAddress(absl::string_view address);

// Collects the user's settings. The first of these that has one goes before the others:
//
// - `settings`: "name=value" each, of the command line, where no secret may stand, since everybody on the machine sees
//   it.
// - `environment`: the process's, "NAME=value" each: ROSTER_KAFKA_PROPERTY_SASL_USERNAME sets sasl.username.
// - `file` (empty: none): "name=value" a line, blank lines and lines that begin with '#'.
//
// In each of them "name.file" names a file that holds the value, at most 64 KiB, without the end of its last line.
// INVALID_ARGUMENT names the setting or line that is none, or that is refused. No error repeats a value: it may be a
// password.
absl::StatusOr<KafkaProperties> ReadKafkaProperties(const std::vector<std::string>& settings,
                                                    const std::vector<std::string>& environment,
                                                    const std::string& file);

// This process's environment, for the above.
std::vector<std::string> ProcessEnvironment();

// INVALID_ARGUMENT where setting `name` would weaken what the log promises, or is Roster's to set; says why.
absl::Status CheckPropertyAllowed(absl::string_view name);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_KAFKA_PROPERTIES_H_
