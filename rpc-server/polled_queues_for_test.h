#ifndef ROSTER_RPC_SERVER_POLLED_QUEUES_FOR_TEST_H_
#define ROSTER_RPC_SERVER_POLLED_QUEUES_FOR_TEST_H_

#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "rpc-server/async_call.h"

namespace roster::rpc {

// Completion queues, each with a thread that polls it. Must outlive their servers, or these servers' Shutdown.
class PolledQueues {
 public:
  PolledQueues() = default;
  ~PolledQueues() {
    for (auto& [queue, thread] : queues_) {
      queue->Shutdown();
      thread.join();
    }
  }
  PolledQueues(const PolledQueues&) = delete;
  PolledQueues& operator=(const PolledQueues&) = delete;

  // For Server::Start.
  grpc::ServerCompletionQueue& AddTo(grpc::ServerBuilder& builder) {
    auto queue = builder.AddCompletionQueue();
    grpc::ServerCompletionQueue& polled = *queue;
    queues_.emplace_back(std::move(queue), [&polled] {
      void* tag;
      bool ok;
      while (polled.Next(&tag, &ok)) static_cast<CompletionTag*>(tag)->Complete(ok);
    });
    return polled;
  }

 private:
  std::vector<std::pair<std::unique_ptr<grpc::ServerCompletionQueue>, std::thread>> queues_;
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_POLLED_QUEUES_FOR_TEST_H_
