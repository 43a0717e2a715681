#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/pause.h"
#include "grpcpp/grpcpp.h"
#include "roster/v1/user_command_service.grpc.pb.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "tests/hostile/attack.h"
#include "tests/support/context.h"

namespace roster::test {
namespace {

constexpr int kUnreadStreams = 2000;
constexpr int kFloodThreads = 16;
constexpr size_t kGiantBytes = 3 << 20;
constexpr size_t kTooLargeBytes = 5 << 20;
constexpr size_t kGiantMetadataBytes = 100'000;
constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr absl::Duration kBetweenRounds = absl::Milliseconds(20);

// A connection that no other channel shares.
std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 1 << 20);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

void AddToken(grpc::ClientContext& context, const std::string& token) {
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
}

// Calls again as soon as it is answered, from several threads.
class Flood : public Attack {
 public:
  explicit Flood(int threads) : threads_(threads) {}

  void Run(const std::atomic<bool>& stop) final {
    std::vector<std::thread> callers;
    for (int i = 0; i < threads_; ++i) {
      callers.emplace_back([this, i, &stop] {
        while (!stop) {
          Call(i);
          Count();
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
  }

 private:
  virtual void Call(int caller) = 0;
  const int threads_;
};

class SignUpFloodAttack final : public Flood {
 public:
  explicit SignUpFloodAttack(const Target& target)
      : Flood(kFloodThreads),
        token_(target.token),
        stub_(v1::UserCommandService::NewStub(Connect(target.command_service))) {}
  const char* name() const override { return "flood of sign-ups"; }

 private:
  void Call(int) override {
    Context context(kPatience);
    AddToken(context, token_);
    v1::SignUpUserRequest request;
    v1::SignUpUserResponse response;
    request.set_email(absl::StrCat("flood", next_++, "@example.com"));
    stub_->SignUpUser(&context, request, &response);
  }

  const std::string token_;
  const std::unique_ptr<v1::UserCommandService::Stub> stub_;
  std::atomic<int64_t> next_ = 0;
};

class WrongTokensAttack final : public Flood {
 public:
  explicit WrongTokensAttack(const Target& target)
      : Flood(kFloodThreads), stub_(v1::UserQueryService::NewStub(Connect(target.query_service))) {}
  const char* name() const override { return "wrong tokens"; }

 private:
  void Call(int) override {
    Context context(kPatience);
    // The header of a token that HS256 signs; claims and signature are none.
    AddToken(context, absl::StrCat("eyJhbGciOiJIUzI1NiJ9.e30.", next_++));
    v1::GetUserResponse response;
    stub_->GetUser(&context, {}, &response);
  }

  const std::unique_ptr<v1::UserQueryService::Stub> stub_;
  std::atomic<int64_t> next_ = 1000;
};

// The largest messages that are read, larger ones, and more metadata than is taken.
class GiantMessagesAttack final : public Flood {
 public:
  explicit GiantMessagesAttack(const Target& target)
      : Flood(3), token_(target.token), stub_(v1::UserCommandService::NewStub(Connect(target.command_service))) {}
  const char* name() const override { return "giant messages and metadata"; }

 private:
  void Call(int caller) override {
    Context context(kPatience);
    AddToken(context, token_);
    v1::SignUpUserRequest request;
    v1::SignUpUserResponse response;
    if (caller == 0) {
      context.AddMetadata("giant", std::string(kGiantMetadataBytes, 'x'));
    } else {
      request.set_display_name(std::string(caller == 1 ? kGiantBytes : kTooLargeBytes, 'x'));
    }
    stub_->SignUpUser(&context, request, &response);
  }

  const std::string token_;
  const std::unique_ptr<v1::UserCommandService::Stub> stub_;
};

// Lists and watches that are opened by the thousand, and of which nothing is read; each is replaced when it has ended.
class UnreadStreamsAttack final : public Attack {
 public:
  explicit UnreadStreamsAttack(const Target& target) : token_(target.token) {
    for (int i = 0; i < kChannels; ++i) {
      stubs_.push_back(v1::UserQueryService::NewStub(Connect(target.query_service)));
    }
  }
  const char* name() const override { return "streams that are not read"; }

  void Run(const std::atomic<bool>& stop) override {
    Pause pause;
    std::vector<std::unique_ptr<Stream>> streams;
    while (!stop) {
      if (streams.size() < kUnreadStreams) {
        streams.push_back(std::make_unique<Stream>());
        Open(*streams.back(), static_cast<int>(streams.size()));
      } else {
        pause.For(kBetweenRounds);
        streams.erase(streams.begin(), streams.begin() + kUnreadStreams / 100);
      }
    }
    for (auto& stream : streams) stream->context.TryCancel();
  }

 private:
  static constexpr int kChannels = 20;

  struct Stream {
    ~Stream() { context.TryCancel(); }
    Context context{absl::Hours(1)};
    std::unique_ptr<grpc::ClientReader<v1::ListUsersResponse>> list;
    std::unique_ptr<grpc::ClientReader<v1::WatchUsersResponse>> watch;
  };

  void Open(Stream& stream, int number) {
    AddToken(stream.context, token_);
    v1::UserQueryService::Stub& stub = *stubs_[number % kChannels];
    if (number % 2 == 0) {
      v1::ListUsersRequest request;
      request.set_page_size(1000);
      stream.list = stub.ListUsers(&stream.context, request);
    } else {
      stream.watch = stub.WatchUsers(&stream.context, {});
    }
    Count();
  }

  const std::string token_;
  std::vector<std::unique_ptr<v1::UserQueryService::Stub>> stubs_;
};

}  // namespace

std::unique_ptr<Attack> UnreadStreams(const Target& target) { return std::make_unique<UnreadStreamsAttack>(target); }
std::unique_ptr<Attack> GiantMessages(const Target& target) { return std::make_unique<GiantMessagesAttack>(target); }
std::unique_ptr<Attack> SignUpFlood(const Target& target) { return std::make_unique<SignUpFloodAttack>(target); }
std::unique_ptr<Attack> WrongTokens(const Target& target) { return std::make_unique<WrongTokensAttack>(target); }

}  // namespace roster::test
