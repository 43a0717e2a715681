#ifndef ROSTER_EVENT_LOG_KAFKA_DELIVERY_H_
#define ROSTER_EVENT_LOG_KAFKA_DELIVERY_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "event-log/event_log.h"
#include "event-log/kafka/client.h"

namespace roster::event_log::kafka {

// What became of one record handed to a producer. librdkafka keeps its address, and writes to it while the client is
// served, until the delivery report has come or the client is destroyed.
struct Delivery {
  RecordLocation location;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  // Counted down when the report comes.
  size_t* undelivered = nullptr;
};

// Partition chosen by the record's key; 0 where it has none.
inline constexpr int32_t kByKey = RD_KAFKA_PARTITION_UA;

// A topic to produce to. Asks the brokers about it first: else librdkafka does so at the first record, and that record
// waits for up to a second (2.8 too). Destroy it before `producer`.
absl::StatusOr<TopicHandle> OpenTopic(const Client& producer, const std::string& topic);

// Hands a copy of `record` to `producer`, which must have OnDelivery as its callback. On success, and only then, one is
// added to `*delivery.undelivered`.
rd_kafka_resp_err_t Produce(const Client& producer, const TopicHandle& topic, int32_t partition, const Record& record,
                            Delivery& delivery);

// librdkafka's dr_msg_cb.
void OnDelivery(rd_kafka_t* handle, const rd_kafka_message_t* message, void* client);

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_DELIVERY_H_
