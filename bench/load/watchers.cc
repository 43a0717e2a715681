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
  enum class At { kStart, kWrite, kRead, kFinish } at = At::kStart;
  grpc::ClientContext context;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream;
  grpc::ByteBuffer bytes;
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
  const grpc::Slice slice(request.SerializeAsString());
  request_ = grpc::ByteBuffer(&slice, 1);
  for (int i = 0; i < count; ++i) {
    if (i % kWatchesAConnection == 0)
      stubs_.push_back(std::make_unique<grpc::GenericStub>(OwnConnection(query_address_)));
    auto watch = std::make_unique<Watch>();
    watch->stream = stubs_.back()->PrepareCall(&watch->context, "/roster.v1.UserQueryService/WatchUsers", &queue_);
    watch->stream->StartCall(watch.get());
    watches_.push_back(std::move(watch));
  }
}

void Watchers::Read() {
  WatchMessage message;
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
      watch.stream->Finish(&watch.status, &watch);
      continue;
    }
    if (watch.at == Watch::At::kStart) {
      watch.at = Watch::At::kWrite;
      watch.stream->WriteLast(request_, grpc::WriteOptions(), &watch);
      continue;
    }
    if (watch.at == Watch::At::kRead) Take(watch.bytes, message);
    watch.at = Watch::At::kRead;
    watch.stream->Read(&watch.bytes, &watch);
  }
}

void Watchers::Take(grpc::ByteBuffer& bytes, WatchMessage& message) {
  const bool read = ReadWatchMessage(bytes, message);
  if (message.synced) ++synced_;
  const absl::Time now = absl::Now();
  absl::MutexLock lock(&mutex_);
  if (!read) error_.Update(absl::DataLossError("a message of a watch cannot be read"));
  for (const absl::Time time : message.update_times) latencies_.Add(now - time);
  if (!message.update_times.empty()) ++messages_;
}

int64_t Watchers::TakeMessages() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(messages_, 0);
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
