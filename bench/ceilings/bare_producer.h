#ifndef ROSTER_BENCH_CEILINGS_BARE_PRODUCER_H_
#define ROSTER_BENCH_CEILINGS_BARE_PRODUCER_H_

#include <string>

#include "bench/figure.h"

namespace roster::bench {

// Ceilings of commands on Kafka: what one thread with bare librdkafka writes to a new topic of the same broker, in
// records a second.

// "idempotent producer": no transactions; `in_flight` records always under way, each delivery followed by the next.
Measurement BareIdempotentProducer(const std::string& brokers, int partitions, int in_flight);

// "transactional producer": transactions of `records` each, one after another, by two producers in turn. p50 and p99
// are of a transaction.
Measurement BareTransactionalProducer(const std::string& brokers, int partitions, int records);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_BARE_PRODUCER_H_
