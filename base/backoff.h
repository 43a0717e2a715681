#ifndef ROSTER_BASE_BACKOFF_H_
#define ROSTER_BASE_BACKOFF_H_

#include "absl/random/random.h"
#include "absl/time/time.h"

namespace roster {

// How long to wait between attempts: doubles from `initial` to `max`, each time between half and all of it, so that
// those who failed together do not come back together.
//
// Thread safety: none.
class Backoff {
 public:
  Backoff(absl::Duration initial, absl::Duration max) : initial_(initial), max_(max), next_(initial) {}

  // What to wait before the next attempt.
  absl::Duration Next();
  // To be called after a success.
  void Reset() { next_ = initial_; }

 private:
  absl::Duration initial_;
  absl::Duration max_;
  absl::Duration next_;
  absl::BitGen random_;
};

}  // namespace roster

#endif  // ROSTER_BASE_BACKOFF_H_
