#ifndef ROSTER_BENCH_LOAD_WATCHERS_H_
#define ROSTER_BENCH_LOAD_WATCHERS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "bench/load/histogram.h"
#include "bench/load/watch_message.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "roster/v1/user_query_service.grpc.pb.h"

namespace roster::bench {

// Open WatchUsers calls, a hundred to a connection, that one thread reads.
//
// Thread safety: one thread.
class Watchers {
 public:
  // Opens `count` watches that begin after what is there now, and waits until each has begun.
  static absl::StatusOr<std::unique_ptr<Watchers>> Start(const std::string& query_address, int count);
  ~Watchers();

  // What has come since it was last asked: how many changes, over all watches, and how long after each user's
  // update_time, the time at which the command service decided.
  Histogram TakeLatencies();
  // How many messages they came in, since it was last asked.
  int64_t TakeMessages();
  // Ends all; the first error that a watch has ended with by itself.
  absl::Status Stop();

 private:
  struct Watch;

  explicit Watchers(const std::string& query_address) : query_address_(query_address) {}
  void Open(int count, const std::string& resume_token);
  void Read();
  // Counts what a message holds, which it reads into `message`.
  void Take(grpc::ByteBuffer& bytes, WatchMessage& message);

  const std::string query_address_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  grpc::ByteBuffer request_;
  std::vector<std::unique_ptr<Watch>> watches_;
  std::thread thread_;
  std::atomic<int> synced_ = 0;
  std::atomic<bool> stopping_ = false;
  absl::Mutex mutex_;
  Histogram latencies_ ABSL_GUARDED_BY(mutex_);
  int64_t messages_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_WATCHERS_H_
