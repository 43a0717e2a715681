#ifndef ROSTER_BENCH_CEILINGS_BARE_KAFKA_H_
#define ROSTER_BENCH_CEILINGS_BARE_KAFKA_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "librdkafka/rdkafka.h"

// librdkafka by its plain API, set up for speed as far as that costs no durability: what the ceilings on Kafka are made
// of. Nothing of event-log/kafka.
namespace roster::bench {

struct DestroyKafkaClient {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
using KafkaClient = std::unique_ptr<rd_kafka_t, DestroyKafkaClient>;

// The settings that roster-command-service writes with: acks=all, idempotent, lz4. `transactional_id` is taken over;
// empty: no transactions. `on_delivery` gets the tag that was given to ProduceBare, in rd_kafka_message_t._private.
using OnDelivery = void (*)(rd_kafka_t*, const rd_kafka_message_t*, void*);
absl::StatusOr<KafkaClient> MakeBareProducer(const std::string& brokers, const std::string& transactional_id,
                                             OnDelivery on_delivery);

// Reads committed records of `topic`'s partitions from `offset` on (also RD_KAFKA_OFFSET_BEGINNING, _END), and tells
// their ends.
absl::StatusOr<KafkaClient> MakeBareConsumer(const std::string& brokers, const std::string& topic, int partitions,
                                             int64_t offset);

// Makes a topic with one copy and a name of its own. The broker must be a throw-away: nothing removes the topic.
absl::StatusOr<std::string> MakeBareTopic(const std::string& brokers, int partitions);

// Queues a record as large as an event, with a key of its own.
absl::Status ProduceBare(rd_kafka_t* producer, const std::string& topic, int64_t key, void* tag);

// A whole transaction, durable when it returns.
absl::Status ProduceBareTransaction(rd_kafka_t* producer, const std::string& topic, int64_t first_key, int records);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_BARE_KAFKA_H_
