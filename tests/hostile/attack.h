#ifndef ROSTER_TESTS_HOSTILE_ATTACK_H_
#define ROSTER_TESTS_HOSTILE_ATTACK_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace roster::test {

// Whom hostile clients attack, and as whom.
struct Target {
  // HOST:PORT, 127.0.0.1 as HOST.
  std::string command_service;
  std::string query_service;
  // A writer's; empty: none.
  std::string token;
};

// Something that hostile clients do, over and over. Run on a thread of its own.
class Attack {
 public:
  virtual ~Attack() = default;
  virtual const char* name() const = 0;
  // Until `stop`.
  virtual void Run(const std::atomic<bool>& stop) = 0;
  // How often it was done: connections opened, streams opened or calls answered.
  int64_t times() const { return times_; }

 protected:
  void Count() { ++times_; }

 private:
  std::atomic<int64_t> times_ = 0;
};

// By clients that speak TCP and HTTP/2 by hand, from an address of their own (127.0.0.2).
std::unique_ptr<Attack> IdleConnections(const Target& target);
std::unique_ptr<Attack> HalfMessages(const Target& target);

// By gRPC clients with the target's token, from the same address as anybody else.
std::unique_ptr<Attack> UnreadStreams(const Target& target);
std::unique_ptr<Attack> GiantMessages(const Target& target);
std::unique_ptr<Attack> SignUpFlood(const Target& target);
std::unique_ptr<Attack> WrongTokens(const Target& target);

}  // namespace roster::test

#endif  // ROSTER_TESTS_HOSTILE_ATTACK_H_
