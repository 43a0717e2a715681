#include "base/backoff.h"

#include <algorithm>

namespace roster {

absl::Duration Backoff::Next() {
  const absl::Duration ceiling = next_;
  next_ = std::min(next_ * 2, max_);
  return ceiling * absl::Uniform(absl::IntervalClosed, random_, 0.5, 1.0);
}

}  // namespace roster
