#include "bench/ceilings/bare_consumer.h"

#include <cstdint>
#include <set>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/ceilings/bare_kafka.h"

namespace roster::bench {
namespace {

constexpr int kBatch = 10'000;
constexpr absl::Duration kLongestSilence = absl::Seconds(30);

absl::StatusOr<Sample> ReadTopic(const std::string& brokers, const std::string& topic, int partitions) {
  const absl::Time begin = absl::Now();
  ROSTER_ASSIGN_OR_RETURN(const KafkaClient consumer,
                          MakeBareConsumer(brokers, topic, partitions, RD_KAFKA_OFFSET_BEGINNING));
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(consumer.get());
  const absl::Cleanup destroy = [queue] { rd_kafka_queue_destroy(queue); };
  std::vector<rd_kafka_message_t*> batch(kBatch);
  std::set<int32_t> ended;
  int64_t records = 0;
  absl::Time last = absl::Now();
  while (ended.size() < static_cast<size_t>(partitions)) {
    const ssize_t count = rd_kafka_consume_batch_queue(queue, 5, batch.data(), batch.size());
    for (ssize_t i = 0; i < count; ++i) {
      if (batch[i]->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ended.insert(batch[i]->partition);
      if (batch[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++records;
      rd_kafka_message_destroy(batch[i]);
    }
    if (count > 0) last = absl::Now();
    if (absl::Now() > last + kLongestSilence) return absl::UnavailableError("no end of the topic was told");
  }
  return Sample{static_cast<double>(records) / absl::ToDoubleSeconds(absl::Now() - begin)};
}

}  // namespace

Measurement BareConsumer(const std::string& brokers, const std::string& topic, int partitions) {
  return {"read_committed consumer", [=](absl::Duration) { return ReadTopic(brokers, topic, partitions); }};
}

}  // namespace roster::bench
