#include "tests/chaos/network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>

namespace roster::test::chaos {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::chrono::milliseconds kDelay(200);
// What one direction holds at most.
constexpr size_t kMaxHeld = 4 << 20;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int Socket() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  return fd;
}

}  // namespace

// One connection through a link: two threads, one for each direction.
class Link::Connection {
 public:
  // Takes over `client`. `target`: port; 0 connects nowhere.
  Connection(int client, int target, LinkFault fault) : client_(client), fault_(fault) {
    server_ = Socket();
    const sockaddr_in address = Loopback(target);
    dead_ = fault == LinkFault::kHalfOpen;
    if (!dead_ && connect(server_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) Close();
    for (Direction& direction : directions_) direction.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    directions_[0].thread = std::thread([this] { Pump(directions_[0], client_, server_); });
    directions_[1].thread = std::thread([this] { Pump(directions_[1], server_, client_); });
  }

  ~Connection() {
    Close();
    Wake();
    for (Direction& direction : directions_) {
      direction.thread.join();
      close(direction.wake);
    }
    close(client_);
    close(server_);
  }

  void Set(LinkFault fault) {
    fault_ = fault;
    if (fault == LinkFault::kCut) Close();
    if (fault == LinkFault::kHalfOpen) {
      // The other end goes; this one is not told.
      dead_ = true;
      shutdown(server_, SHUT_RDWR);
    }
    Wake();
  }

  bool ended() const { return ended_ == 2; }

 private:
  struct Chunk {
    SteadyTime due;
    std::string bytes;
  };
  struct Direction {
    std::thread thread;
    int wake = -1;
    std::deque<Chunk> held;
    size_t held_bytes = 0;
    bool at_end = false;
  };

  void Close() {
    closed_ = true;
    shutdown(client_, SHUT_RDWR);
    shutdown(server_, SHUT_RDWR);
  }

  void Wake() {
    for (Direction& direction : directions_) eventfd_write(direction.wake, 1);
  }

  bool Holds(const Direction& direction) const {
    const LinkFault fault = fault_;
    return dead_ || (fault == LinkFault::kRequestsLost && &direction == &directions_[0]) ||
           (fault == LinkFault::kResponsesLost && &direction == &directions_[1]);
  }

  void Pump(Direction& direction, int from, int to) {
    while (!closed_) {
      if (!Deliver(direction, to)) break;
      Wait(direction, from);
    }
    if (!dead_) Close();
    Wake();
    ++ended_;
  }

  // Writes what is due. False once the sender has ended and all is written.
  bool Deliver(Direction& direction, int to) {
    while (!Holds(direction) && !direction.held.empty() &&
           direction.held.front().due <= std::chrono::steady_clock::now()) {
      const std::string bytes = std::move(direction.held.front().bytes);
      direction.held.pop_front();
      direction.held_bytes -= bytes.size();
      for (size_t sent = 0; sent < bytes.size();) {
        const ssize_t count = send(to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return false;
        sent += static_cast<size_t>(count);
      }
    }
    return dead_ || !direction.at_end || !direction.held.empty();
  }

  void Wait(Direction& direction, int from) {
    const bool reads = !direction.at_end && !dead_ && direction.held_bytes < kMaxHeld;
    std::array<pollfd, 2> fds = {pollfd{direction.wake, POLLIN, 0}, pollfd{reads ? from : -1, POLLIN, 0}};
    int timeout_ms = -1;
    if (!direction.held.empty() && !Holds(direction)) {
      const auto left = direction.held.front().due - std::chrono::steady_clock::now();
      timeout_ms =
          std::max<int>(0, static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(left).count()) + 1);
    }
    poll(fds.data(), fds.size(), timeout_ms);
    eventfd_t ignored;
    if (fds[0].revents != 0) eventfd_read(direction.wake, &ignored);
    if (fds[1].revents != 0) Receive(direction, from);
  }

  void Receive(Direction& direction, int from) {
    std::array<char, 65536> buffer;
    const ssize_t count = recv(from, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count <= 0) {
      direction.at_end = true;
      return;
    }
    auto due = std::chrono::steady_clock::now();
    if (fault_ == LinkFault::kDelayed) due += kDelay;
    direction.held.push_back({due, std::string(buffer.data(), static_cast<size_t>(count))});
    direction.held_bytes += static_cast<size_t>(count);
  }

  const int client_;
  int server_ = -1;
  std::atomic<LinkFault> fault_;
  // The server's end is gone for good, and the client is not told.
  std::atomic<bool> dead_ = false;
  std::atomic<bool> closed_ = false;
  std::atomic<int> ended_ = 0;
  std::array<Direction, 2> directions_;
};

Link::Link() {
  listener_ = Socket();
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(listener_, 128) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("a link could not listen");
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

Link::~Link() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  absl::MutexLock lock(&mutex_);
  connections_.clear();
}

void Link::Set(LinkFault fault) {
  absl::MutexLock lock(&mutex_);
  fault_ = fault;
  for (const auto& connection : connections_) connection->Set(fault);
}

void Link::Accept() {
  for (;;) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    absl::MutexLock lock(&mutex_);
    connections_.remove_if([](const auto& connection) { return connection->ended(); });
    if (fault_ == LinkFault::kCut) {
      close(client);
      continue;
    }
    connections_.push_back(std::make_unique<Connection>(client, target_, fault_));
  }
}

}  // namespace roster::test::chaos
