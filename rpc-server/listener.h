#ifndef ROSTER_RPC_SERVER_LISTENER_H_
#define ROSTER_RPC_SERVER_LISTENER_H_

#include <netdb.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/host_port.h"
#include "rpc-server/connection_count.h"

namespace roster::rpc {

// The address that a server listens on, and the connections that come in there. gRPC could do it, but its way (1.51)
// has no limit, and where a process has no file descriptor left it stops listening for good: so a thousand connections
// that anybody opened and left would end a service. This one closes what is beyond its limits at once, and goes on.
//
// Thread safety: one thread. What Start is given runs on a thread of its own.
class Listener {
 public:
  // Listens on every address that the host stands for, with one port; callers wait until Start. Allows the process as
  // many descriptors as the system lets it have, and lowers `limits.in_all` to what leaves some for files.
  // ALREADY_EXISTS where the port is another's, FAILED_PRECONDITION where the address cannot be had.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const HostPort& address, ConnectionLimits limits);
  // Stops.
  ~Listener();

  // The one that was taken.
  int port() const { return port_; }

  // Hands each connection to `take`, which owns the descriptor then.
  void Start(std::function<void(int fd)> take);
  // Listens no more; returns once `take` is not running.
  void Stop();

 private:
  // A descriptor that is closed with it.
  class Fd {
   public:
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
      std::swap(fd_, other.fd_);
      return *this;
    }
    ~Fd();
    int get() const { return fd_; }

   private:
    int fd_;
  };

  explicit Listener(const ConnectionLimits& limits) : limits_(limits), connections_(limits) {}
  absl::Status BindAll(const HostPort& address);
  absl::Status BindOne(const addrinfo& info);
  void Serve(const std::function<void(int fd)>& take);
  // Takes what waits on a socket. False where the process cannot have one more now.
  bool AcceptAll(int socket, const std::function<void(int fd)>& take);
  void SayRefused(const char* why);

  const ConnectionLimits limits_;
  ConnectionCount connections_;
  int port_ = 0;
  std::vector<Fd> sockets_;
  // Readable once Stop was called.
  Fd stop_{-1};
  std::thread thread_;
  int64_t refused_ = 0;
  absl::Time next_word_ = absl::InfinitePast();
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_LISTENER_H_
