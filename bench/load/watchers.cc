#include "bench/load/watchers.h"

#include <utility>

#include "absl/time/clock.h"
#include "base/error.h"
#include "clients/cpp/rpc_error.h"
#include "tests/support/process.h"

namespace roster::bench {
namespace {

constexpr int kWatchesAConnection = 100;

std::shared_ptr<grpc::Channel> OwnConnection(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// Watches all users once, to learn where a watch can go on from.
absl::StatusOr<std::string> PresentResumeToken(v1::UserQueryService::Stub& stub) {
  grpc::ClientContext context;
  const auto reader = stub.WatchUsers(&context, {});
  v1::WatchUsersResponse response;
  while (reader->Read(&response)) {
    if (!response.has_synced()) continue;
    context.TryCancel();
    (void)reader->Finish();
    return response.resume_token();
  }
  return client::ToStatus(reader->Finish());
}

}  // namespace

// Its own tag: what comes out of the queue is the operation that it is at.
struct Watchers::Watch {
  enum class At { kStart, kRead, kFinish } at = At::kStart;
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientAsyncReader<v1::WatchUsersResponse>> reader;
  v1::WatchUsersResponse response;
  grpc::Status status;
};

absl::StatusOr<std::unique_ptr<Watchers>> Watchers::Start(const std::string& query_address, int count) {
  const auto stub = v1::UserQueryService::NewStub(OwnConnection(query_address));
  ROSTER_ASSIGN_OR_RETURN(const std::string resume_token, PresentResumeToken(*stub));
  std::unique_ptr<Watchers> watchers(new Watchers(query_address));
  watchers->Open(count, resume_token);
  watchers->thread_ = std::thread([watchers = watchers.get()] { watchers->Read(); });
  if (test::Eventually([&] { return watchers->synced_ == count; })) return watchers;
  ROSTER_RETURN_IF_ERROR(watchers->Stop());
  return absl::DeadlineExceededError("not every watch has begun");
}

void Watchers::Open(int count, const std::string& resume_token) {
  v1::WatchUsersRequest request;
  request.set_resume_token(resume_token);
  for (int i = 0; i < count; ++i) {
    if (i % kWatchesAConnection == 0) stubs_.push_back(v1::UserQueryService::NewStub(OwnConnection(query_address_)));
    auto watch = std::make_unique<Watch>();
    watch->reader = stubs_.back()->AsyncWatchUsers(&watch->context, request, &queue_, watch.get());
    watches_.push_back(std::move(watch));
  }
}

void Watchers::Read() {
  void* tag = nullptr;
  bool ok = false;
  for (size_t open = watches_.size(); open > 0 && queue_.Next(&tag, &ok);) {
    auto& watch = *static_cast<Watch*>(tag);
    if (watch.at == Watch::At::kFinish) {
      --open;
      absl::MutexLock lock(&mutex_);
      if (!stopping_) error_.Update(client::ToStatus(watch.status));
      continue;
    }
    if (!ok) {
      watch.at = Watch::At::kFinish;
      watch.reader->Finish(&watch.status, &watch);
      continue;
    }
    if (watch.at == Watch::At::kRead) {
      if (watch.response.has_synced()) ++synced_;
      if (watch.response.has_user()) {
        const auto& time = watch.response.user().update_time();
        const absl::Time updated = absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
        absl::MutexLock lock(&mutex_);
        latencies_.Add(absl::Now() - updated);
      }
    }
    watch.at = Watch::At::kRead;
    watch.reader->Read(&watch.response, &watch);
  }
}

Histogram Watchers::TakeLatencies() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(latencies_, Histogram());
}

absl::Status Watchers::Stop() {
  stopping_ = true;
  for (const auto& watch : watches_) watch->context.TryCancel();
  if (thread_.joinable()) thread_.join();
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
  watches_.clear();
  absl::MutexLock lock(&mutex_);
  return error_;
}

Watchers::~Watchers() {
  if (thread_.joinable()) (void)Stop();
}

}  // namespace roster::bench
