#ifndef ROSTER_BENCH_LOAD_READ_MODEL_COPY_H_
#define ROSTER_BENCH_LOAD_READ_MODEL_COPY_H_

#include <string>

#include "absl/status/status.h"

namespace roster::bench {

// Puts a copy of the read model in folder `from`, which nobody has open, in the place of what is in folder `to`.
absl::Status CopyReadModel(const std::string& from, const std::string& to);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_READ_MODEL_COPY_H_
