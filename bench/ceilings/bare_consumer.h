#ifndef ROSTER_BENCH_CEILINGS_BARE_CONSUMER_H_
#define ROSTER_BENCH_CEILINGS_BARE_CONSUMER_H_

#include <string>

#include "bench/figure.h"

namespace roster::bench {

// "read_committed consumer": a ceiling of folds on Kafka. One thread with bare librdkafka reads all that stands on
// `topic`, and looks at no byte of it, once; in records a second.
Measurement BareConsumer(const std::string& brokers, const std::string& topic, int partitions);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_BARE_CONSUMER_H_
