#ifndef ROSTER_TESTS_HOSTILE_HTTP2_CONNECTION_H_
#define ROSTER_TESTS_HOSTILE_HTTP2_CONNECTION_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace roster::test {

// A connection of a client that speaks as much HTTP/2 (RFC 9113) as it takes to misuse it. Never waits: what cannot be
// sent or read now is left for later.
//
// Thread safety: one thread.
class Http2Connection {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  // Connects to 127.0.0.1 from 127.0.0.2; nothing is said yet.
  explicit Http2Connection(int port);
  ~Http2Connection();
  Http2Connection(const Http2Connection&) = delete;
  Http2Connection& operator=(const Http2Connection&) = delete;

  // Whether it is not known to be over.
  bool IsOpen() const { return fd_ >= 0; }

  // The preface and empty settings.
  void SayHello();
  // Begins a call; returns its stream.
  uint32_t Begin(const Headers& headers);
  // Sends as much of `bytes` on a stream as the server's flow control allows now; how many of them.
  size_t SendData(uint32_t stream, absl::string_view bytes);
  // Takes in what the server said: more room for data, or that the connection is over.
  void Listen();

 private:
  void Send(const std::string& bytes);
  // Sends what is left of earlier ones. False where some is left now.
  bool Flush();
  void Handle(uint8_t type, uint8_t flags, uint32_t stream, const std::string& payload);
  void Close();

  int fd_;
  uint32_t next_stream_ = 1;
  int64_t initial_window_ = 65'535;
  int64_t window_ = 65'535;
  std::map<uint32_t, int64_t> stream_windows_;
  std::string unsent_;
  std::string unread_;
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_HOSTILE_HTTP2_CONNECTION_H_
