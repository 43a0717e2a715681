#ifndef ROSTER_BENCH_CEILINGS_BARE_VISIBILITY_H_
#define ROSTER_BENCH_CEILINGS_BARE_VISIBILITY_H_

#include <string>

#include "bench/figure.h"

namespace roster::bench {

// How soon after a durable write somebody else can have it in an SQLite file: the ceiling of read_after. Writes come at
// `per_second`, one after another; p50 and p99 are from the end of the write until the row is committed.

// "consumer sees it + SQLite commit": a record in a transaction of bare librdkafka on a new topic of the same broker,
// read by a read_committed consumer.
Measurement BareVisibilityOnKafka(const std::string& brokers, int partitions, double per_second);

// "reader sees it + SQLite commit": a row committed to an SQLite file by synchronous=FULL, read by another thread with
// a connection of its own that a doorbell file wakes (base/doorbell.h).
Measurement BareVisibilityEmbedded(double per_second);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_BARE_VISIBILITY_H_
