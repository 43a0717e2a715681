#ifndef ROSTER_TESTS_CHAOS_WATCHERS_H_
#define ROSTER_TESTS_CHAOS_WATCHERS_H_

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "roster/v1/user.pb.h"
#include "tests/chaos/run.h"

namespace roster::test::chaos {

// Clients who watch all users from the run's beginning to its end, over every cut, now at one replica and now at
// another, and record what they are sent.
//
// Thread safety: one thread.
class Watchers {
 public:
  // `recorder` must outlive it.
  Watchers(int count, const std::vector<std::string>& query_addresses, Recorder& recorder);
  // Stops as Stop does.
  ~Watchers();

  // Whether each has been sent the last state of all of `users`.
  bool HaveSeen(const std::map<std::string, v1::User>& users) const;
  // Ends each at its next message; there is one every few seconds.
  void Stop();

 private:
  class Watcher;

  std::vector<std::unique_ptr<Watcher>> watchers_;
  std::vector<std::thread> threads_;
};

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_WATCHERS_H_
