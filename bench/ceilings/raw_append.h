#ifndef ROSTER_BENCH_CEILINGS_RAW_APPEND_H_
#define ROSTER_BENCH_CEILINGS_RAW_APPEND_H_

#include <string>

#include "bench/figure.h"

namespace roster::bench {

// Ceilings of durable commands at 1 in flight: how often a second 512 bytes, about what one SignUpUser event takes on
// the log, can be written to a new file at `path` (removed afterwards) and made durable by fdatasync, one write after
// another.

// "append+fdatasync": the file grows with each write, so that fdatasync writes its new size as well.
Measurement RawAppends(const std::string& path);

// "overwrite+fdatasync": the file is there in full length and is written over from the front, again and again: what
// SQLite's write-ahead log becomes after its first checkpoint.
Measurement RawOverwrites(const std::string& path);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_RAW_APPEND_H_
