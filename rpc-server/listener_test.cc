#include "rpc-server/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"

namespace roster::rpc {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

// A client's connection, from an address of the loopback.
class Connection {
 public:
  // Does not connect yet.
  Connection() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {}
  explicit Connection(int port, const char* from = "127.0.0.1") : Connection() {
    sockaddr_in address = Address(from, 0);
    bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    Connect(port);
  }
  void Connect(int port) {
    sockaddr_in address = Address("127.0.0.1", port);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Connection() { close(fd_); }
  bool connected() const { return connected_; }
  // Whether the other side has ended it by now.
  bool HasEnded() const {
    char byte;
    return recv(fd_, &byte, 1, MSG_DONTWAIT) == 0;
  }
  // Waits until the other side ends it.
  bool IsClosed() const {
    char byte;
    return recv(fd_, &byte, 1, 0) <= 0;
  }

 private:
  static sockaddr_in Address(const char* text, int port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, text, &address.sin_addr);
    return address;
  }

  const int fd_;
  bool connected_ = false;
};

// Takes connections as gRPC would, and closes them when told to.
class Taker {
 public:
  ~Taker() { CloseAll(); }
  void Take(int fd) {
    absl::MutexLock lock(&mutex_);
    taken_.push_back(fd);
  }
  bool AwaitTaken(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [&] { return taken_.size() >= count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&reached), kPatience);
  }
  size_t taken() {
    absl::MutexLock lock(&mutex_);
    return taken_.size();
  }
  void CloseAll() {
    absl::MutexLock lock(&mutex_);
    for (const int fd : taken_) close(fd);
    taken_.clear();
  }

 private:
  absl::Mutex mutex_;
  std::vector<int> taken_ ABSL_GUARDED_BY(mutex_);
};

class ListenerTest : public testing::Test {
 protected:
  void Listen(const ConnectionLimits& limits) {
    listener_ = Listener::Bind({"127.0.0.1", 0}, limits).value();
    listener_->Start([this](int fd) { taker_.Take(fd); });
  }
  // Connects until one is taken.
  bool IsTakenAtLast() {
    const size_t before = taker_.taken();
    const absl::Time end = absl::Now() + kPatience;
    while (absl::Now() < end) {
      const Connection connection(listener_->port());
      while (absl::Now() < end && taker_.taken() == before && !connection.HasEnded()) std::this_thread::yield();
      if (taker_.taken() > before) return true;
    }
    return false;
  }

  Taker taker_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, FurtherConnectionsThanAllowedAreClosed) {
  Listen({.in_all = 2});
  const Connection a(listener_->port()), b(listener_->port());
  ASSERT_TRUE(taker_.AwaitTaken(2));
  EXPECT_TRUE(Connection(listener_->port()).IsClosed());
  EXPECT_EQ(taker_.taken(), 2);
}

TEST_F(ListenerTest, ThoseThatAreOverMakeRoom) {
  Listen({.in_all = 1});
  {
    const Connection first(listener_->port());
  }
  ASSERT_TRUE(taker_.AwaitTaken(1));
  taker_.CloseAll();
  EXPECT_TRUE(IsTakenAtLast());
}

TEST_F(ListenerTest, OneAddressCannotTakeTheRoomOfOthers) {
  Listen({.in_all = 10, .per_address = 1});
  const Connection greedy(listener_->port(), "127.0.0.2");
  ASSERT_TRUE(taker_.AwaitTaken(1));
  EXPECT_TRUE(Connection(listener_->port(), "127.0.0.2").IsClosed());
  const Connection other(listener_->port(), "127.0.0.3");
  EXPECT_TRUE(taker_.AwaitTaken(2));
}

// Lets the process open nothing more, until it goes.
class NoDescriptorsLeft {
 public:
  NoDescriptorsLeft() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit none = before_;
    // Standard input, output and error are open; poll takes no more than so many.
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptorsLeft() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_;
};

// Standard error, as a pipe, while it lives.
class LogPipe {
 public:
  LogPipe() : before_(dup(STDERR_FILENO)) {
    EXPECT_EQ(pipe(ends_), 0);
    dup2(ends_[1], STDERR_FILENO);
  }
  ~LogPipe() {
    dup2(before_, STDERR_FILENO);
    for (const int fd : {before_, ends_[0], ends_[1]}) close(fd);
  }
  bool AwaitLine() const {
    pollfd end = {.fd = ends_[0], .events = POLLIN, .revents = 0};
    return poll(&end, 1, static_cast<int>(absl::ToInt64Milliseconds(kPatience))) == 1;
  }

 private:
  const int before_;
  int ends_[2];
};

// gRPC's own listener is gone for good then.
TEST_F(ListenerTest, LackOfDescriptorsPasses) {
  Listen({});
  Connection waiting;
  const LogPipe log;
  {
    const NoDescriptorsLeft none;
    waiting.Connect(listener_->port());
    ASSERT_TRUE(waiting.connected());
    EXPECT_TRUE(log.AwaitLine());
  }
  EXPECT_TRUE(taker_.AwaitTaken(1));
}

TEST_F(ListenerTest, AfterStopNobodyListens) {
  Listen({});
  listener_->Stop();
  EXPECT_FALSE(Connection(listener_->port()).connected());
}

TEST_F(ListenerTest, TakenPortIsSaidToBe) {
  Listen({});
  EXPECT_EQ(Listener::Bind({"127.0.0.1", listener_->port()}, {}).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(ListenerTest, AddressesThatCannotBeHadAreAnError) {
  for (const char* host : {"192.0.2.1", "no-such-host.invalid", "[2001:db8::1]"}) {
    EXPECT_EQ(Listener::Bind({host, 0}, {}).status().code(), absl::StatusCode::kFailedPrecondition) << host;
  }
}

TEST_F(ListenerTest, LocalhostIsListenedOn) {
  listener_ = Listener::Bind({"localhost", 0}, {}).value();
  EXPECT_TRUE(Connection(listener_->port()).connected());
}

}  // namespace
}  // namespace roster::rpc
