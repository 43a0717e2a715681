#include "bench/ceilings/empty_server_process.h"

#include <chrono>

#include "absl/status/status.h"
#include "base/error.h"
#include "grpcpp/grpcpp.h"

namespace roster::bench {

absl::StatusOr<EmptyServerProcess> EmptyServerProcess::Start(const std::string& service, const std::string& log_path) {
  auto process = test::Process::Start({"/proc/self/exe", "--empty-server", service}, log_path);
  ROSTER_ASSIGN_OR_RETURN(const std::string address, process->WaitForLogField("listening", "address"));
  auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10))) {
    return absl::UnavailableError("the empty server does not answer");
  }
  return EmptyServerProcess(std::move(process), std::move(channel));
}

}  // namespace roster::bench
