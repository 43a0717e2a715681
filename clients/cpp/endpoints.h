#ifndef ROSTER_CLIENTS_CPP_ENDPOINTS_H_
#define ROSTER_CLIENTS_CPP_ENDPOINTS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "clients/cpp/credentials.h"
#include "grpcpp/channel.h"

namespace roster::client {

// Splits "host:port,host:port" as users give it; blanks around an address are dropped. INVALID_ARGUMENT where an
// address is empty, or there are more than 100.
absl::StatusOr<std::vector<std::string>> ParseAddresses(absl::string_view list);

// The addresses at which one service may answer, and which of them calls go to at present. Channels are made when first
// used and kept.
//
// Thread safety: safe from any thread; calls that share an Endpoints share what was learnt about who answers.
class Endpoints {
 public:
  struct Endpoint {
    std::string address;
    std::shared_ptr<grpc::Channel> channel;
  };

  // `service` names it to people: "command service". `addresses` has at least one.
  Endpoints(std::string service, std::vector<std::string> addresses, Credentials credentials);

  // Where the next call goes.
  Endpoint Current();
  // One of `addresses()`, whichever is current.
  Endpoint At(const std::string& address);

  // `failed` did not answer: calls go to the address after it, unless another call has moved on from it already.
  void MoveOn(const std::string& failed);

  // Calls go to `leader`, which may be an address not in the list; the list is gone back to when that fails.
  void Follow(const std::string& leader);

  const std::string& service() const { return service_; }
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  Endpoint EndpointLocked(const std::string& address) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string service_;
  const std::vector<std::string> addresses_;
  const Credentials credentials_;

  absl::Mutex mutex_;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string current_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<grpc::Channel>> channels_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::client

#endif  // ROSTER_CLIENTS_CPP_ENDPOINTS_H_
