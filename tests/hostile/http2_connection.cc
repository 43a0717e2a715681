#include "tests/hostile/http2_connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace roster::test {
namespace {

constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr size_t kFrameHeaderBytes = 9;
constexpr int64_t kMaxFrameBytes = 16'384;
constexpr uint8_t kData = 0, kHeaders = 1, kSettings = 4, kPing = 6, kWindowUpdate = 8;
constexpr uint8_t kAck = 1, kEndHeaders = 4;
constexpr uint16_t kInitialWindowSize = 4;

sockaddr_in Address(const char* host, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

std::string BigEndian(uint64_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text.push_back(static_cast<char>(number >> (8 * i)));
  return text;
}

uint64_t FromBigEndian(const std::string& text, size_t from, size_t bytes) {
  uint64_t number = 0;
  for (size_t i = from; i < from + bytes; ++i) number = number << 8 | static_cast<uint8_t>(text[i]);
  return number;
}

std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, const std::string& payload) {
  return BigEndian(payload.size(), 3) + BigEndian(type, 1) + BigEndian(flags, 1) + BigEndian(stream, 4) + payload;
}

// A string as HPACK has it (RFC 7541, 5.2), not compressed.
std::string HpackString(const std::string& text) {
  std::string encoded;
  if (text.size() < 127) {
    encoded.push_back(static_cast<char>(text.size()));
  } else {
    encoded.push_back(127);
    size_t left = text.size() - 127;
    for (; left >= 128; left /= 128) encoded.push_back(static_cast<char>(left % 128 + 128));
    encoded.push_back(static_cast<char>(left));
  }
  return encoded + text;
}

}  // namespace

Http2Connection::Http2Connection(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  // Else connecting to one that does not accept takes minutes.
  const timeval patience = {.tv_sec = 1, .tv_usec = 0};
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  const sockaddr_in from = Address("127.0.0.2", 0), to = Address("127.0.0.1", port);
  if (bind(fd_, reinterpret_cast<const sockaddr*>(&from), sizeof(from)) != 0 ||
      connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    Close();
    return;
  }
  fcntl(fd_, F_SETFL, O_NONBLOCK);
}

Http2Connection::~Http2Connection() { Close(); }

void Http2Connection::SayHello() { Send(kPreface + Frame(kSettings, 0, 0, "")); }

uint32_t Http2Connection::Begin(const Headers& headers) {
  const uint32_t stream = next_stream_;
  next_stream_ += 2;
  std::string block;
  // Literal, never indexed, with a new name.
  for (const auto& [name, value] : headers) block += '\x10' + HpackString(name) + HpackString(value);
  stream_windows_[stream] = initial_window_;
  Send(Frame(kHeaders, kEndHeaders, stream, block));
  return stream;
}

size_t Http2Connection::SendData(uint32_t stream, absl::string_view bytes) {
  size_t sent = 0;
  int64_t& stream_window = stream_windows_[stream];
  while (IsOpen() && Flush()) {
    const int64_t size = std::min({static_cast<int64_t>(bytes.size() - sent), window_, stream_window, kMaxFrameBytes});
    if (size <= 0) break;
    Send(Frame(kData, 0, stream, std::string(bytes.substr(sent, static_cast<size_t>(size)))));
    window_ -= size;
    stream_window -= size;
    sent += static_cast<size_t>(size);
  }
  return sent;
}

void Http2Connection::Listen() {
  char buffer[1 << 16];
  while (IsOpen()) {
    const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
    if (size > 0) {
      unread_.append(buffer, static_cast<size_t>(size));
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
      Close();
    } else {
      break;
    }
  }
  while (unread_.size() >= kFrameHeaderBytes) {
    const size_t size = FromBigEndian(unread_, 0, 3);
    if (unread_.size() < kFrameHeaderBytes + size) return;
    Handle(static_cast<uint8_t>(unread_[3]), static_cast<uint8_t>(unread_[4]),
           static_cast<uint32_t>(FromBigEndian(unread_, 5, 4)), unread_.substr(kFrameHeaderBytes, size));
    unread_.erase(0, kFrameHeaderBytes + size);
  }
}

void Http2Connection::Handle(uint8_t type, uint8_t flags, uint32_t stream, const std::string& payload) {
  if (type == kWindowUpdate && payload.size() == 4) {
    (stream == 0 ? window_ : stream_windows_[stream]) += static_cast<int64_t>(FromBigEndian(payload, 0, 4));
  } else if (type == kPing && (flags & kAck) == 0) {
    Send(Frame(kPing, kAck, 0, payload));
  } else if (type == kSettings && (flags & kAck) == 0) {
    for (size_t i = 0; i + 6 <= payload.size(); i += 6) {
      if (FromBigEndian(payload, i, 2) == kInitialWindowSize) {
        initial_window_ = static_cast<int64_t>(FromBigEndian(payload, i + 2, 4));
      }
    }
    Send(Frame(kSettings, kAck, 0, ""));
  }
}

void Http2Connection::Send(const std::string& bytes) {
  unsent_ += bytes;
  Flush();
}

bool Http2Connection::Flush() {
  while (IsOpen() && !unsent_.empty()) {
    const ssize_t size = send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (size > 0) {
      unsent_.erase(0, static_cast<size_t>(size));
    } else if (errno != EAGAIN && errno != EINTR) {
      Close();
    } else {
      return false;
    }
  }
  return true;
}

void Http2Connection::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

}  // namespace roster::test
