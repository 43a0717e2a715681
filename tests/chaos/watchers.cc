#include "tests/chaos/watchers.h"

#include <algorithm>
#include <atomic>
#include <cstdio>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "clients/cpp/endpoints.h"
#include "clients/cpp/query_client.h"

namespace roster::test::chaos {

class Watchers::Watcher {
 public:
  Watcher(int number, std::vector<std::string> query_addresses, Recorder& recorder)
      : number_(number),
        endpoints_("query service", std::move(query_addresses), grpc::InsecureChannelCredentials()),
        recorder_(recorder) {}

  void Run() {
    // Until the first message a watch gives up after a while: those who wait for a service that is down ask again.
    while (!stop_) {
      client::QueryClient client(endpoints_, {.timeout = absl::Seconds(30), .max_delay = absl::Milliseconds(500)});
      v1::WatchUsersRequest request;
      request.set_resume_token(resume_token_);
      const absl::Status status = client.WatchUsers(request, [this](const v1::WatchUsersResponse& message) {
        Take(message);
        return stop_ ? absl::CancelledError("the run is over") : absl::OkStatus();
      });
      if (!stop_ && !client::IsRetryable(status))
        std::printf("  watcher %d: %s\n", number_, std::string(status.message()).c_str());
    }
  }

  bool HasSeen(const std::map<std::string, v1::User>& users) {
    absl::MutexLock lock(&mutex_);
    return std::all_of(users.begin(), users.end(), [this](const auto& user) {
      const auto seen = versions_.find(user.first);
      return seen != versions_.end() && seen->second == user.second.version();
    });
  }

  void Stop() { stop_ = true; }

 private:
  void Take(const v1::WatchUsersResponse& message) {
    resume_token_ = message.resume_token();
    if (message.users_size() == 0) return;
    RunEntry entry;
    WatchMessage& received = *entry.mutable_watch_message();
    received.set_watcher(number_);
    received.set_received_us(recorder_.NowUs());
    *received.mutable_message() = message;
    recorder_.Add(entry);
    absl::MutexLock lock(&mutex_);
    for (const v1::User& user : message.users()) versions_[user.user_id()] = user.version();
  }

  const int number_;
  client::Endpoints endpoints_;
  Recorder& recorder_;
  std::atomic<bool> stop_ = false;
  std::string resume_token_;
  absl::Mutex mutex_;
  std::map<std::string, int64_t> versions_ ABSL_GUARDED_BY(mutex_);
};

Watchers::Watchers(int count, const std::vector<std::string>& query_addresses, Recorder& recorder) {
  for (int i = 0; i < count; ++i) {
    // Each begins at another replica.
    std::vector<std::string> addresses = query_addresses;
    std::rotate(addresses.begin(), addresses.begin() + i % static_cast<int>(addresses.size()), addresses.end());
    watchers_.push_back(std::make_unique<Watcher>(i, std::move(addresses), recorder));
    threads_.emplace_back([watcher = watchers_.back().get()] { watcher->Run(); });
  }
}

Watchers::~Watchers() { Stop(); }

bool Watchers::HaveSeen(const std::map<std::string, v1::User>& users) const {
  return std::all_of(watchers_.begin(), watchers_.end(), [&](const auto& watcher) { return watcher->HasSeen(users); });
}

void Watchers::Stop() {
  for (const auto& watcher : watchers_) watcher->Stop();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace roster::test::chaos
