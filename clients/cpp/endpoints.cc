#include "clients/cpp/endpoints.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "grpcpp/support/channel_arguments.h"

namespace roster::client {
namespace {

constexpr size_t kMaxAddresses = 100;
// A page holds at most 1000 users, each below 64 KiB.
constexpr int kMaxReceiveBytes = 64 << 20;
// A server that is gone without a word is noticed within 15 s, while calls wait for it. Roster's servers allow a ping
// every 5 s.
constexpr int kKeepaliveTimeMs = 10'000;
constexpr int kKeepaliveTimeoutMs = 5'000;
// gRPC's own default of 1 s and more would make a client wait long after the server is there again.
constexpr int kInitialReconnectMs = 100;
constexpr int kMaxReconnectMs = 2'000;

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kInitialReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kMaxReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMaxReconnectMs);
  return arguments;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParseAddresses(absl::string_view list) {
  std::vector<std::string> addresses;
  for (absl::string_view part : absl::StrSplit(list, ',')) {
    part = absl::StripAsciiWhitespace(part);
    if (part.empty()) return absl::InvalidArgumentError(absl::StrCat("'", list, "' has an empty address"));
    addresses.emplace_back(part);
  }
  if (addresses.size() > kMaxAddresses) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kMaxAddresses, " addresses"));
  }
  return addresses;
}

Endpoints::Endpoints(std::string service, std::vector<std::string> addresses, Credentials credentials)
    : service_(std::move(service)),
      addresses_(std::move(addresses)),
      credentials_(std::move(credentials)),
      current_(addresses_.front()) {}

Endpoints::Endpoint Endpoints::Current() {
  absl::MutexLock lock(&mutex_);
  return EndpointLocked(current_);
}

Endpoints::Endpoint Endpoints::At(const std::string& address) {
  absl::MutexLock lock(&mutex_);
  return EndpointLocked(address);
}

void Endpoints::MoveOn(const std::string& failed) {
  absl::MutexLock lock(&mutex_);
  if (current_ != failed) return;
  // A leader that was followed and is gone is not in the list: go on where the list was left.
  if (current_ == addresses_[next_]) next_ = (next_ + 1) % addresses_.size();
  current_ = addresses_[next_];
}

void Endpoints::Follow(const std::string& leader) {
  absl::MutexLock lock(&mutex_);
  current_ = leader;
  for (size_t i = 0; i < addresses_.size(); ++i) {
    if (addresses_[i] == leader) next_ = i;
  }
}

Endpoints::Endpoint Endpoints::EndpointLocked(const std::string& address) {
  std::shared_ptr<grpc::Channel>& channel = channels_[address];
  if (channel == nullptr) channel = credentials_.Connect(address, Arguments());
  return {address, channel};
}

}  // namespace roster::client
