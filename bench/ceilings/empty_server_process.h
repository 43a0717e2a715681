#ifndef ROSTER_BENCH_CEILINGS_EMPTY_SERVER_PROCESS_H_
#define ROSTER_BENCH_CEILINGS_EMPTY_SERVER_PROCESS_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "tests/support/process.h"

namespace roster::bench {

// `roster-bench --empty-server SERVICE` (empty_server.h) as a process of its own, as the services are.
class EmptyServerProcess {
 public:
  // `log_path`: where its log goes.
  static absl::StatusOr<EmptyServerProcess> Start(const std::string& service, const std::string& log_path);

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  EmptyServerProcess(std::unique_ptr<test::Process> process, std::shared_ptr<grpc::Channel> channel)
      : process_(std::move(process)), channel_(std::move(channel)) {}

  std::unique_ptr<test::Process> process_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace roster::bench

#endif  // ROSTER_BENCH_CEILINGS_EMPTY_SERVER_PROCESS_H_
