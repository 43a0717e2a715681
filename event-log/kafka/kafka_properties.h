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

// Collects "name=value" settings; those in `settings` go before those in `file` (empty: none), which has one a line,
// blank lines and lines that begin with '#'. INVALID_ARGUMENT names the setting or line that is none, or that is
// refused. No error repeats a value: it may be a password.
absl::StatusOr<KafkaProperties> ReadKafkaProperties(const std::vector<std::string>& settings, const std::string& file);

// INVALID_ARGUMENT where setting `name` would weaken what the log promises, or is Roster's to set; says why.
absl::Status CheckPropertyAllowed(absl::string_view name);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_KAFKA_PROPERTIES_H_
