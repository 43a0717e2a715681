#ifndef ROSTER_TESTS_SUPPORT_LOAD_H_
#define ROSTER_TESTS_SUPPORT_LOAD_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "clients/cpp/endpoints.h"
#include "tests/support/history.h"

namespace roster::test {

// Callers who sign users up (half of them competing for few addresses), update them with etags and delete them, each
// command with a request_id and repeated until it is answered for good, whatever happens to the service meanwhile. What
// they are told goes into a history.
//
// Thread safety: one thread.
class Load {
 public:
  // `command_addresses`: of the command services, one of which leads.
  Load(std::vector<std::string> command_addresses, int callers, History& history);
  // Stops as Stop does.
  ~Load();

  int64_t commands() const { return commands_; }
  // Ends once each caller has the answer to the command it is at.
  void Stop();

 private:
  void Call(int caller);

  client::Endpoints endpoints_;
  History& history_;
  std::atomic<bool> stop_ = false;
  std::atomic<int64_t> commands_ = 0;
  std::vector<std::thread> callers_;
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_SUPPORT_LOAD_H_
