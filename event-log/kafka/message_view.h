#ifndef ROSTER_EVENT_LOG_KAFKA_MESSAGE_VIEW_H_
#define ROSTER_EVENT_LOG_KAFKA_MESSAGE_VIEW_H_

#include <vector>

#include "event-log/event_log.h"
#include "event-log/kafka/handles.h"

namespace roster::event_log::kafka {

// A message of librdkafka as a record, without copying: valid as long as the message and `headers`, which is
// overwritten (handed in so that its memory serves many messages). Headers that cannot be parsed are left out: what an
// outsider wrote must not keep the record from being read. librdkafka gives a header's name up to its first NUL byte.
RecordView ViewOf(const rd_kafka_message_t& message, std::vector<HeaderView>& headers);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_MESSAGE_VIEW_H_
