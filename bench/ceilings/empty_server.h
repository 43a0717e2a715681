#ifndef ROSTER_BENCH_CEILINGS_EMPTY_SERVER_H_
#define ROSTER_BENCH_CEILINGS_EMPTY_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"

namespace roster::bench {

// Serves methods that do nothing, set up as the service that it stands for: the ceiling of every call of that service,
// since nothing is decided, read or recorded. Both use rpc-server/'s server.
//   "command"  SignUpUser as roster-command-service has it, answered with nothing: one thread that polls one completion
//              queue, decoded messages
//   "query"    GetUser, answered with nothing, and ListUsers, answered with the same page again and again: as
//              roster-query-service has them, with a thread and a completion queue for each core, at least two, eight
//              calls of each accepted ahead, messages as bytes
//
// Thread safety: one thread.
class EmptyServer {
 public:
  // On a port of its own.
  static absl::StatusOr<std::unique_ptr<EmptyServer>> Start(const std::string& service);
  ~EmptyServer();

  const std::string& address() const;
  // Calls that go by no network.
  std::shared_ptr<grpc::Channel> InProcessChannel();

 private:
  struct Parts;
  explicit EmptyServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Serves until the process is asked to stop, and logs the address. The exit code.
int RunEmptyServer(const std::string& service);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_EMPTY_SERVER_H_
