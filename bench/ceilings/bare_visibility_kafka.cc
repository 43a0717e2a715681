#include <string>

#include "absl/time/clock.h"
#include "base/error.h"
#include "base/temp_dir.h"
#include "bench/ceilings/bare_kafka.h"
#include "bench/ceilings/bare_visibility.h"
#include "bench/ceilings/one_upsert.h"
#include "bench/load/histogram.h"
#include "bench/load/schedule.h"
#include "sqlite/sqlite.h"

namespace roster::bench {
namespace {

constexpr int kRecordTimeoutMs = 30'000;

// Until the consumer has one record.
absl::Status AwaitRecord(rd_kafka_t* consumer) {
  const absl::Time limit = absl::Now() + absl::Milliseconds(kRecordTimeoutMs);
  while (absl::Now() < limit) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100);
    if (message == nullptr) continue;
    const bool record = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_message_destroy(message);
    if (record) return absl::OkStatus();
  }
  return absl::DeadlineExceededError("a record did not arrive");
}

absl::Status MeasureOnKafka(const std::string& brokers, int partitions, double per_second, absl::Duration duration,
                            Histogram& latencies) {
  const TempDir files;
  OneUpsert upsert(files.File("read-model.db"));
  ROSTER_ASSIGN_OR_RETURN(const std::string topic, MakeBareTopic(brokers, partitions));
  ROSTER_ASSIGN_OR_RETURN(const KafkaClient consumer,
                          MakeBareConsumer(brokers, topic, partitions, RD_KAFKA_OFFSET_BEGINNING));
  ROSTER_ASSIGN_OR_RETURN(const KafkaClient producer, MakeBareProducer(brokers, topic, nullptr));
  const auto produce = [&](int64_t key) { return ProduceBareTransaction(producer.get(), topic, key, 1); };
  // Connecting is not counted.
  ROSTER_RETURN_IF_ERROR(produce(0));
  ROSTER_RETURN_IF_ERROR(AwaitRecord(consumer.get()));
  Schedule schedule(per_second, duration);
  absl::Time scheduled;
  for (int64_t key = 1; schedule.Next(scheduled); ++key) {
    ROSTER_RETURN_IF_ERROR(produce(key));
    const absl::Time durable = absl::Now();
    ROSTER_RETURN_IF_ERROR(AwaitRecord(consumer.get()));
    upsert.Commit(key);
    latencies.Add(absl::Now() - durable);
  }
  return absl::OkStatus();
}

}  // namespace

Measurement BareVisibilityOnKafka(const std::string& brokers, int partitions, double per_second) {
  return {"consumer sees it + SQLite commit", [=](absl::Duration duration) -> absl::StatusOr<Sample> {
            Histogram latencies;
            ROSTER_RETURN_IF_ERROR(sqlite::Try("cannot measure", [&] {
              return MeasureOnKafka(brokers, partitions, per_second, duration, latencies);
            }));
            return latencies.WithQuantiles(per_second);
          }};
}

}  // namespace roster::bench
