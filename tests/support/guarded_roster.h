#ifndef ROSTER_TESTS_SUPPORT_GUARDED_ROSTER_H_
#define ROSTER_TESTS_SUPPORT_GUARDED_ROSTER_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/roster_processes.h"

namespace roster::test {

// What docs/security.md advises where callers are not all to be trusted: no caller has everything.
std::vector<std::string> LimitFlags();

// Has `roster` ask every caller for a token, and limit what each may do, from its next starts on. Tokens are signed
// with a secret in its folder, and good for a day.
class Guard {
 public:
  explicit Guard(RosterProcesses& roster);

  // A writer's.
  std::string TokenOf(const std::string& caller) const;

 private:
  const std::string secret_;
};

// Hostile clients (tests/hostile) against `roster`, as a caller of their own, at the lowest priority: on another
// machine they would take no processor from the servers. `only`: see roster-hostile. Ended with the process.
std::unique_ptr<Process> StartHostileClients(const RosterProcesses& roster, const Guard& guard,
                                             const std::string& only = "");

// A connection of a well-behaved client: calls that end as UNAVAILABLE are repeated, up to five times. Where hostile
// clients have filled the buffers, gRPC closes connections, and not only theirs.
std::shared_ptr<grpc::Channel> ConnectPatiently(const std::string& address);

}  // namespace roster::test

#endif  // ROSTER_TESTS_SUPPORT_GUARDED_ROSTER_H_
