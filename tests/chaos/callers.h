#ifndef ROSTER_TESTS_CHAOS_CALLERS_H_
#define ROSTER_TESTS_CHAOS_CALLERS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "clients/cpp/endpoints.h"
#include "tests/chaos/run.h"

namespace roster::test::chaos {

// Callers who do what users of Roster do, and record every call: sign-ups that compete for few addresses and few ids,
// updates with right and outdated etags, moves of addresses from one user to another, deletions, repeats of their own
// and of others' requests, reads by id and by address with and without a token, lists. A third of them only read. Each
// makes one call after another, a few dozen a second; what they do follows from the seed and from what they are
// answered.
//
// Thread safety: one thread.
class Callers {
 public:
  // `recorder` must outlive it.
  Callers(int count, uint64_t seed, const std::vector<std::string>& command_addresses,
          const std::vector<std::string>& query_addresses, Recorder& recorder);
  // Stops as Stop does.
  ~Callers();

  // Ends once each caller has the answer to the call it is at.
  void Stop();

 private:
  class Caller;
  // Requests that were answered, for others to repeat.
  class Answered;

  client::Endpoints commands_;
  client::Endpoints queries_;
  std::unique_ptr<Answered> answered_;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_CALLERS_H_
