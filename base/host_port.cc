#include "base/host_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace roster {
namespace {

// Of a name in the DNS.
constexpr size_t kMaxHostBytes = 253;

}  // namespace

std::optional<HostPort> ParseHostPort(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos) return std::nullopt;
  const absl::string_view host = address.substr(0, colon);
  if (host.empty() || host.size() > kMaxHostBytes || !std::all_of(host.begin(), host.end(), absl::ascii_isgraph)) {
    return std::nullopt;
  }
  const absl::string_view port = address.substr(colon + 1);
  HostPort parsed{.host = std::string(host)};
  // SimpleAtoi would take blanks and signs too.
  if (!std::all_of(port.begin(), port.end(), absl::ascii_isdigit) || !absl::SimpleAtoi(port, &parsed.port) ||
      parsed.port > 65535) {
    return std::nullopt;
  }
  return parsed;
}

bool IsLoopback(const std::string& host) {
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET;
}

bool IsServerAddress(absl::string_view address) {
  const std::optional<HostPort> parsed = ParseHostPort(address);
  return parsed && parsed->port > 0;
}

CLI::Validator ServerAddress() {
  return CLI::Validator(
      [](const std::string& address) {
        return IsServerAddress(address) ? std::string() : absl::StrCat("'", address, "' is not HOST:PORT");
      },
      "");
}

}  // namespace roster
