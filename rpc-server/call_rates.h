#ifndef ROSTER_RPC_SERVER_CALL_RATES_H_
#define ROSTER_RPC_SERVER_CALL_RATES_H_

#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace roster::rpc {

// How often each of many callers may do something: so often a second, and after a pause as many at once as in
// `burst`. The generic cell rate algorithm (ATM Forum, 1996), which needs one time for each caller.
//
// Holds at most `max_callers`; those that have done nothing lately are forgotten, which changes nothing for them. Where
// all have, further ones share one allowance.
//
// Thread safety: safe from any thread.
class CallRates {
 public:
  CallRates(int per_second, absl::Duration burst, size_t max_callers = kMaxCallers);

  // How long `caller` must wait for the next; zero where none. `now` is a SteadyNow.
  absl::Duration WaitOf(const std::string& caller, absl::Time now) const;
  // Counts one more of `caller`, whether or not it had to wait.
  void Count(const std::string& caller, absl::Time now);
  // Counts one more where `caller` need not wait; else returns how long it must, and counts nothing.
  absl::Duration CountIfAllowed(const std::string& caller, absl::Time now);

  size_t size() const;

 private:
  // About 100 bytes each.
  static constexpr size_t kMaxCallers = 1 << 16;

  absl::Duration WaitLocked(const std::string& caller, absl::Time now) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void CountLocked(const std::string& caller, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // When the allowance of `caller` would be whole again.
  absl::Time WholeAt(const std::string& caller) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void ForgetQuietOnes(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const absl::Duration interval_;
  const absl::Duration burst_;
  const size_t max_callers_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, absl::Time> whole_at_ ABSL_GUARDED_BY(mutex_);
  // Of those for whom there is no room.
  absl::Time others_whole_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time next_forgetting_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_CALL_RATES_H_
