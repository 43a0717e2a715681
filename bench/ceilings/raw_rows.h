#ifndef ROSTER_BENCH_CEILINGS_RAW_ROWS_H_
#define ROSTER_BENCH_CEILINGS_RAW_ROWS_H_

#include <string>

#include "bench/figure.h"

namespace roster::bench {

// Ceilings of the projector: the rows of a read-model file, read in order and written with the same schema and settings
// into a new file at `path`, which is removed afterwards; each with its row of `changes`. Nothing is read from a log,
// decoded or looked up. Rows a second, all of them, once.

// "raw inserts": with the indexes there, 10,000 rows a transaction.
Measurement RawInserts(const std::string& read_model, const std::string& path);

// "raw load": one transaction without a journal, then the indexes, then one fsync.
Measurement RawLoad(const std::string& read_model, const std::string& path);

// "raw updates": one for each change that `read_model` has and `before` has not, in the order of the log, by row, into
// a copy of `before`; 10,000 a transaction.
Measurement RawUpdates(const std::string& before, const std::string& read_model, const std::string& path);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_RAW_ROWS_H_
