#include <list>
#include <map>

#include "base/host_port.h"
#include "base/pause.h"
#include "tests/hostile/attack.h"
#include "tests/hostile/http2_connection.h"

namespace roster::test {
namespace {

constexpr size_t kIdleConnections = 3000;
constexpr size_t kHalfMessageConnections = 20;
constexpr int kStreamsOnEach = 100;
// Below the largest that is taken, so that it is waited for; as gRPC has it before a message.
constexpr char kMessageHeader[] = {0, 0, 0x3d, 0x09, 0};
constexpr size_t kMessageBytes = 0x3d0900;
constexpr absl::Duration kBetweenRounds = absl::Milliseconds(20);

int PortOf(const std::string& address) { return ParseHostPort(address)->port; }

// Thousands of connections that are opened and left: every second one says hello, and nothing more.
class IdleConnectionsAttack final : public Attack {
 public:
  explicit IdleConnectionsAttack(const Target& target)
      : ports_{PortOf(target.command_service), PortOf(target.query_service)} {}

  const char* name() const override { return "idle connections"; }

  void Run(const std::atomic<bool>& stop) override {
    Pause pause;
    std::list<Http2Connection> open;
    for (size_t i = 0; !stop; ++i) {
      const Http2Connection& connection = open.emplace_back(ports_[i % 2]);
      if (connection.IsOpen() && i % 4 < 2) open.back().SayHello();
      Count();
      if (open.size() < kIdleConnections) continue;
      pause.For(kBetweenRounds);
      open.remove_if([](Http2Connection& one) {
        one.Listen();
        return !one.IsOpen();
      });
      if (open.size() >= kIdleConnections) open.pop_front();
    }
  }

 private:
  const int ports_[2];
};

// Calls with messages that never come to their end, on as many streams as there may be: the server keeps what came.
class HalfMessagesAttack final : public Attack {
 public:
  explicit HalfMessagesAttack(const Target& target)
      : port_(PortOf(target.command_service)),
        headers_{{":method", "POST"},
                 {":scheme", "http"},
                 {":path", "/roster.v1.UserCommandService/SignUpUser"},
                 {":authority", target.command_service},
                 {"content-type", "application/grpc"},
                 {"te", "trailers"}},
        unfinished_(kMessageHeader, sizeof(kMessageHeader)) {
    unfinished_.resize(kMessageBytes);
    if (!target.token.empty()) headers_.emplace_back("authorization", "Bearer " + target.token);
  }

  const char* name() const override { return "half messages"; }

  void Run(const std::atomic<bool>& stop) override {
    Pause pause;
    std::list<Half> halves;
    while (!stop) {
      if (halves.size() < kHalfMessageConnections) Begin(halves.emplace_back(port_));
      for (Half& half : halves) Push(half);
      halves.remove_if([](const Half& half) { return !half.connection.IsOpen(); });
      pause.For(kBetweenRounds);
    }
  }

 private:
  struct Half {
    explicit Half(int port) : connection(port) {}
    Http2Connection connection;
    // Bytes that each stream has sent.
    std::map<uint32_t, size_t> sent;
  };

  void Begin(Half& half) {
    half.connection.SayHello();
    for (int i = 0; i < kStreamsOnEach && half.connection.IsOpen(); ++i) {
      half.sent[half.connection.Begin(headers_)] = 0;
      Count();
    }
  }

  void Push(Half& half) {
    half.connection.Listen();
    for (auto& [stream, sent] : half.sent) {
      sent += half.connection.SendData(stream, absl::string_view(unfinished_).substr(sent));
    }
  }

  const int port_;
  Http2Connection::Headers headers_;
  // The header of a message, and most of the message.
  std::string unfinished_;
};

}  // namespace

std::unique_ptr<Attack> IdleConnections(const Target& target) {
  return std::make_unique<IdleConnectionsAttack>(target);
}

std::unique_ptr<Attack> HalfMessages(const Target& target) { return std::make_unique<HalfMessagesAttack>(target); }

}  // namespace roster::test
