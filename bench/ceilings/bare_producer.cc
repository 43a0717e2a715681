#include "bench/ceilings/bare_producer.h"

#include <array>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "bench/ceilings/bare_kafka.h"
#include "bench/load/histogram.h"

namespace roster::bench {
namespace {

// A record under way, and the list that it joins once it is delivered.
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

// What `in_flight` records are sent with, again and again.
class IdempotentProducer {
 public:
  static absl::StatusOr<std::unique_ptr<IdempotentProducer>> Make(const std::string& brokers, int partitions,
                                                                  int in_flight) {
    std::unique_ptr<IdempotentProducer> made(new IdempotentProducer(in_flight));
    ROSTER_ASSIGN_OR_RETURN(made->topic_, MakeBareTopic(brokers, partitions));
    ROSTER_ASSIGN_OR_RETURN(made->producer_, MakeBareProducer(brokers, "", FreeSlot));
    return made;
  }

  absl::StatusOr<Sample> Run(absl::Duration duration) {
    Histogram latencies;
    const absl::Time begin = absl::Now();
    const absl::Time end = begin + duration;
    absl::Time now = begin;
    while (now < end || free_.size() < slots_.size()) {
      if (now < end) ROSTER_RETURN_IF_ERROR(SendFree());
      rd_kafka_poll(producer_.get(), 100);
      now = absl::Now();
      ROSTER_RETURN_IF_ERROR(TakeDelivered(latencies));
    }
    return latencies.WithQuantiles(static_cast<double>(latencies.count()) / absl::ToDoubleSeconds(now - begin));
  }

 private:
  explicit IdempotentProducer(int in_flight) : slots_(static_cast<size_t>(in_flight)) {
    for (Slot& slot : slots_) {
      slot.free = &delivered_;
      free_.push_back(&slot);
    }
  }

  absl::Status SendFree() {
    for (Slot* slot : free_) {
      slot->sent = absl::Now();
      ROSTER_RETURN_IF_ERROR(ProduceBare(producer_.get(), topic_, ++key_, slot));
    }
    free_.clear();
    return absl::OkStatus();
  }

  absl::Status TakeDelivered(Histogram& latencies) {
    for (Slot* slot : delivered_) {
      if (slot->failed) return absl::UnavailableError("a record was not delivered");
      latencies.Add(slot->delivered - slot->sent);
      free_.push_back(slot);
    }
    delivered_.clear();
    return absl::OkStatus();
  }

  // The producer writes to them until it is gone, so it is declared last.
  std::vector<Slot> slots_;
  std::vector<Slot*> free_;
  std::vector<Slot*> delivered_;
  std::string topic_;
  int64_t key_ = 0;
  KafkaClient producer_;
};

// Two that take turns, as the service has them.
class TransactionalProducers {
 public:
  static absl::StatusOr<std::unique_ptr<TransactionalProducers>> Make(const std::string& brokers, int partitions,
                                                                      int records) {
    std::unique_ptr<TransactionalProducers> made(new TransactionalProducers(records));
    ROSTER_ASSIGN_OR_RETURN(made->topic_, MakeBareTopic(brokers, partitions));
    for (size_t i = 0; i < made->producers_.size(); ++i) {
      ROSTER_ASSIGN_OR_RETURN(made->producers_[i],
                              MakeBareProducer(brokers, absl::StrCat(made->topic_, ".", i), IgnoreDelivery));
      // The first record to each partition waits for what the others do not: up to a second.
      ROSTER_RETURN_IF_ERROR(ProduceBareTransaction(made->producers_[i].get(), made->topic_, 0, 10 * partitions));
    }
    return made;
  }

  absl::StatusOr<Sample> Run(absl::Duration duration) {
    Histogram latencies;
    int64_t transactions = 0;
    const absl::Time begin = absl::Now();
    absl::Time last = begin;
    while (last < begin + duration) {
      rd_kafka_t* producer = producers_[static_cast<size_t>(transactions) % producers_.size()].get();
      ROSTER_RETURN_IF_ERROR(ProduceBareTransaction(producer, topic_, key_ += records_, records_));
      rd_kafka_poll(producer, 0);
      const absl::Time now = absl::Now();
      latencies.Add(now - last);
      last = now;
      ++transactions;
    }
    return latencies.WithQuantiles(static_cast<double>(transactions * records_) / absl::ToDoubleSeconds(last - begin));
  }

 private:
  explicit TransactionalProducers(int records) : records_(records) {}

  const int records_;
  std::string topic_;
  int64_t key_ = 0;
  std::array<KafkaClient, 2> producers_;
};

// Connects at the first run, which is the one that warms up.
template <typename Producer>
Measurement MeasureProducer(const std::string& name, const std::string& brokers, int partitions, int records) {
  return {name,
          [=, made = std::make_shared<std::unique_ptr<Producer>>()](absl::Duration duration) -> absl::StatusOr<Sample> {
            if (*made == nullptr) {
              ROSTER_ASSIGN_OR_RETURN(*made, Producer::Make(brokers, partitions, records));
            }
            return (*made)->Run(duration);
          }};
}

}  // namespace

Measurement BareIdempotentProducer(const std::string& brokers, int partitions, int in_flight) {
  return MeasureProducer<IdempotentProducer>("idempotent producer", brokers, partitions, in_flight);
}

Measurement BareTransactionalProducer(const std::string& brokers, int partitions, int records) {
  return MeasureProducer<TransactionalProducers>("transactional producer", brokers, partitions, records);
}

}  // namespace roster::bench
