#ifndef ROSTER_METRICS_SCRAPE_FOR_TEST_H_
#define ROSTER_METRICS_SCRAPE_FOR_TEST_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/host_port.h"

namespace roster::metrics {

// The whole answer to GET `path` at an address on this machine, head included; empty where nobody listens.
inline std::string HttpGet(const std::string& address, const std::string& path) {
  const HostPort parsed = ParseHostPort(address).value();
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(parsed.port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string answer;
  if (connect(connection, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0) {
    const std::string request = absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    [[maybe_unused]] const ssize_t sent = send(connection, request.data(), request.size(), MSG_NOSIGNAL);
    char buffer[4096];
    for (ssize_t n; (n = recv(connection, buffer, sizeof(buffer), 0)) > 0;) answer.append(buffer, n);
  }
  close(connection);
  return answer;
}

inline std::string Scrape(const std::string& address) { return HttpGet(address, "/metrics"); }

}  // namespace roster::metrics

#endif  // ROSTER_METRICS_SCRAPE_FOR_TEST_H_
