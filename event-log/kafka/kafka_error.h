#ifndef ROSTER_EVENT_LOG_KAFKA_KAFKA_ERROR_H_
#define ROSTER_EVENT_LOG_KAFKA_KAFKA_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "event-log/kafka/handles.h"

namespace roster::event_log::kafka {

// What Kafka's error `code`, met while doing `what`, means to a caller: FAILED_PRECONDITION where somebody has to
// change something first (a right, a setting, a name), else UNAVAILABLE. `detail` is the text that came with it, if
// any.
absl::Status ToStatus(rd_kafka_resp_err_t code, absl::string_view what, absl::string_view detail = "");

// Whether a reader may go on: the consumer group serves lag tools only.
bool ConcernsGroupOnly(rd_kafka_resp_err_t code);

// Whether Kafka refused for lack of a right.
bool IsAuthorizationError(rd_kafka_resp_err_t code);

// To complete a message with: where Kafka refused for lack of a right, which one that is and where it is explained;
// else empty. `right` as in "Read on topic users".
std::string MissingRight(rd_kafka_resp_err_t code, absl::string_view right);

// What asking for a topic needs, for MissingRight.
std::string DescribeTopicRight(absl::string_view topic);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_KAFKA_ERROR_H_
