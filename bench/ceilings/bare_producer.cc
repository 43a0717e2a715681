#include "bench/ceilings/bare_producer.h"

#include <array>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/ceilings/bare_kafka.h"
#include "bench/load/histogram.h"

namespace roster::bench {
namespace {

// A record under way, and those that are free to be sent next.
struct Slot {
  absl::Time sent;
  absl::Time delivered;
  bool failed = false;
  std::vector<Slot*>* free = nullptr;
};

void FreeSlot(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto* slot = static_cast<Slot*>(message->_private);
  slot->delivered = absl::Now();
  slot->failed = message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
  slot->free->push_back(slot);
}

void IgnoreDelivery(rd_kafka_t*, const rd_kafka_message_t*, void*) {}

absl::StatusOr<Sample> ProduceIdempotent(const std::string& brokers, int partitions, int in_flight,
                                         absl::Duration duration) {
  ROSTER_ASSIGN_OR_RETURN(const std::string topic, MakeBareTopic(brokers, partitions));
  // Outlive the producer, which writes to them.
  std::vector<Slot> slots(static_cast<size_t>(in_flight));
  std::vector<Slot*> free;
  ROSTER_ASSIGN_OR_RETURN(const KafkaClient producer, MakeBareProducer(brokers, "", FreeSlot));
  // Finding the partitions' leaders is not counted.
  for (Slot& slot : slots) {
    slot.free = &free;
    ROSTER_RETURN_IF_ERROR(ProduceBare(producer.get(), topic, 0, &slot));
  }
  while (free.size() < slots.size()) rd_kafka_poll(producer.get(), 100);
  Histogram latencies;
  int64_t key = 0;
  const absl::Time begin = absl::Now();
  const absl::Time end = begin + duration;
  absl::Time now = begin;
  for (Slot* slot : free) slot->sent = {};
  while (now < end || free.size() < slots.size()) {
    for (Slot* slot : free) {
      if (slot->failed) return absl::UnavailableError("a record was not delivered");
      if (slot->sent != absl::Time()) latencies.Add(slot->delivered - slot->sent);
      slot->sent = {};
    }
    if (now < end) {
      std::vector<Slot*> next;
      next.swap(free);
      for (Slot* slot : next) {
        slot->sent = absl::Now();
        ROSTER_RETURN_IF_ERROR(ProduceBare(producer.get(), topic, ++key, slot));
      }
    }
    rd_kafka_poll(producer.get(), 100);
    now = absl::Now();
  }
  return latencies.WithQuantiles(static_cast<double>(key) / absl::ToDoubleSeconds(now - begin));
}

absl::StatusOr<Sample> ProduceTransactions(const std::string& brokers, int partitions, int records,
                                           absl::Duration duration) {
  ROSTER_ASSIGN_OR_RETURN(const std::string topic, MakeBareTopic(brokers, partitions));
  std::array<KafkaClient, 2> producers;
  int64_t key = 0;
  for (size_t i = 0; i < producers.size(); ++i) {
    ROSTER_ASSIGN_OR_RETURN(producers[i], MakeBareProducer(brokers, absl::StrCat(topic, ".", i), IgnoreDelivery));
    // Each partition joins a transaction of the producer for the first time.
    ROSTER_RETURN_IF_ERROR(ProduceBareTransaction(producers[i].get(), topic, key, 10 * partitions));
  }
  Histogram latencies;
  int64_t transactions = 0;
  const absl::Time begin = absl::Now();
  absl::Time last = begin;
  while (last < begin + duration) {
    rd_kafka_t* producer = producers[static_cast<size_t>(transactions) % producers.size()].get();
    ROSTER_RETURN_IF_ERROR(ProduceBareTransaction(producer, topic, key += records, records));
    rd_kafka_poll(producer, 0);
    const absl::Time now = absl::Now();
    latencies.Add(now - last);
    last = now;
    ++transactions;
  }
  return latencies.WithQuantiles(static_cast<double>(transactions * records) / absl::ToDoubleSeconds(last - begin));
}

}  // namespace

Measurement BareIdempotentProducer(const std::string& brokers, int partitions, int in_flight) {
  return {"idempotent producer",
          [=](absl::Duration duration) { return ProduceIdempotent(brokers, partitions, in_flight, duration); }};
}

Measurement BareTransactionalProducer(const std::string& brokers, int partitions, int records) {
  return {"transactional producer",
          [=](absl::Duration duration) { return ProduceTransactions(brokers, partitions, records, duration); }};
}

}  // namespace roster::bench
