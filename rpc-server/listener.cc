#include "rpc-server/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/error.h"
#include "base/log.h"
#include "base/steady_time.h"
#include "rpc-server/peer_address.h"

namespace roster::rpc {
namespace {

// For the log, the models, their temporary files, and connections to a broker.
constexpr int kDescriptorsForOthers = 200;
constexpr int kFewestConnections = 10;
constexpr int kMillisecondsBetweenTries = 100;
constexpr absl::Duration kBetweenWords = absl::Seconds(10);

// How many descriptors the process may have from now on.
int RaiseDescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 1'000'000));
}

void SetOption(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof(value));
}

std::string HostWithoutBrackets(const std::string& host) {
  absl::string_view plain = host;
  if (absl::ConsumePrefix(&plain, "[")) absl::ConsumeSuffix(&plain, "]");
  return std::string(plain);
}

absl::Status CannotListen(int error) {
  const std::string message = absl::StrCat("cannot listen: ", std::strerror(error));
  if (error == EADDRINUSE) return absl::AlreadyExistsError(message);
  return absl::FailedPreconditionError(message);
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

absl::StatusOr<Addresses> Resolve(const std::string& host, int port) {
  addrinfo hints = {};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(HostWithoutBrackets(host).c_str(), absl::StrCat(port).c_str(), &hints, &list);
  if (error != 0) return absl::FailedPreconditionError(absl::StrCat("no such address: ", gai_strerror(error)));
  return Addresses(list);
}

void SetPort(sockaddr_storage& address, int port) {
  if (address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = htons(static_cast<uint16_t>(port));
  } else {
    reinterpret_cast<sockaddr_in&>(address).sin_port = htons(static_cast<uint16_t>(port));
  }
}

int PortOf(int socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

// Whether accept4 failed for the one connection, which has gone: accept(2) lists them.
bool IsOfOneConnection(int error) {
  constexpr int kErrors[] = {ECONNABORTED, EINTR,  EPERM,        ENETDOWN,   EPROTO,     ENOPROTOOPT,
                             EHOSTDOWN,    ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH};
  return std::find(std::begin(kErrors), std::end(kErrors), error) != std::end(kErrors);
}

}  // namespace

Listener::Fd::~Fd() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(const HostPort& address, ConnectionLimits limits) {
  const int room = std::max(RaiseDescriptorLimit() - kDescriptorsForOthers, kFewestConnections);
  limits.in_all = limits.in_all == 0 ? room : std::min(limits.in_all, room);
  auto listener = std::unique_ptr<Listener>(new Listener(limits));
  ROSTER_RETURN_IF_ERROR(listener->BindAll(address));
  return listener;
}

absl::Status Listener::BindAll(const HostPort& address) {
  stop_ = Fd(eventfd(0, EFD_CLOEXEC));
  if (stop_.get() < 0) return CannotListen(errno);
  port_ = address.port;
  ROSTER_ASSIGN_OR_RETURN(const Addresses addresses, Resolve(address.host, address.port));
  // One of the host's addresses may be of a kind that this machine has switched off; the other will do.
  absl::Status last;
  for (const addrinfo* info = addresses.get(); info != nullptr; info = info->ai_next) {
    absl::Status bound = BindOne(*info);
    if (absl::IsAlreadyExists(bound)) return bound;
    if (!bound.ok()) last = std::move(bound);
  }
  return sockets_.empty() ? last : absl::OkStatus();
}

absl::Status Listener::BindOne(const addrinfo& info) {
  Fd socket(::socket(info.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return CannotListen(errno);
  // For the port of a process that has just ended; two that live cannot share it so.
  SetOption(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  // [::] means every address, of either kind.
  if (info.ai_family == AF_INET6) SetOption(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  sockaddr_storage address = {};
  std::memcpy(&address, info.ai_addr, info.ai_addrlen);
  SetPort(address, port_);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), info.ai_addrlen) != 0 ||
      listen(socket.get(), SOMAXCONN) != 0) {
    return CannotListen(errno);
  }
  port_ = PortOf(socket.get());
  sockets_.push_back(std::move(socket));
  return absl::OkStatus();
}

Listener::~Listener() { Stop(); }

void Listener::Start(std::function<void(int fd)> take) {
  thread_ = std::thread([this, take = std::move(take)] { Serve(take); });
}

void Listener::Stop() {
  if (thread_.joinable()) {
    eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  sockets_.clear();
}

void Listener::Serve(const std::function<void(int fd)>& take) {
  std::vector<pollfd> waiting = {{.fd = stop_.get(), .events = POLLIN, .revents = 0}};
  for (const Fd& socket : sockets_) waiting.push_back({.fd = socket.get(), .events = POLLIN, .revents = 0});
  bool lacks_resources = false;
  while (true) {
    // Without descriptors the sockets stay readable: only the end is waited for, and they are tried again later.
    const nfds_t looked_at = lacks_resources ? 1 : waiting.size();
    if (poll(waiting.data(), looked_at, lacks_resources ? kMillisecondsBetweenTries : -1) < 0) continue;
    if (waiting[0].revents != 0) return;
    const bool try_all = std::exchange(lacks_resources, false);
    for (size_t i = 1; i < waiting.size(); ++i) {
      const bool ready = try_all || waiting[i].revents != 0;
      if (ready && !AcceptAll(waiting[i].fd, take)) lacks_resources = true;
    }
  }
}

bool Listener::AcceptAll(int socket, const std::function<void(int fd)>& take) {
  while (true) {
    sockaddr_storage peer = {};
    socklen_t size = sizeof(peer);
    const int fd = accept4(socket, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      if (IsOfOneConnection(errno)) continue;
      SayRefused(std::strerror(errno));
      return false;
    }
    const std::string address = PeerAddress(peer);
    if (!connections_.HasRoomFor(address, SteadyNow())) {
      close(fd);
      SayRefused("--max-connections or --max-connections-per-address is reached");
      continue;
    }
    SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    connections_.Add(fd, address);
    take(fd);
  }
}

void Listener::SayRefused(const char* why) {
  ++refused_;
  const absl::Time now = SteadyNow();
  if (now < next_word_) return;
  next_word_ = now + kBetweenWords;
  Log(LogLevel::kWarning, "connections refused",
      {{"why", why}, {"refused", std::exchange(refused_, 0)}, {"open", connections_.size()}, {"most", limits_.in_all}});
}

}  // namespace roster::rpc
