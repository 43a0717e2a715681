#include "rpc-server/peer_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace roster::rpc {
namespace {

constexpr size_t kNetworkBytes = 8;
constexpr size_t kMappedPrefixBytes = 12;

std::string Text(const in_addr& address) {
  char text[INET_ADDRSTRLEN] = "";
  inet_ntop(AF_INET, &address, text, sizeof(text));
  return text;
}

std::string Text(in6_addr address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    in_addr within;
    std::memcpy(&within, address.s6_addr + kMappedPrefixBytes, sizeof(within));
    return Text(within);
  }
  std::memset(address.s6_addr + kNetworkBytes, 0, sizeof(address.s6_addr) - kNetworkBytes);
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &address, text, sizeof(text));
  return absl::StrCat(text, "/64");
}

}  // namespace

std::string PeerAddress(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) return Text(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  if (address.ss_family == AF_INET6) return Text(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  return "";
}

std::string PeerAddress(absl::string_view grpc_peer) {
  const size_t port = grpc_peer.rfind(':');
  if (port == absl::string_view::npos) return std::string(grpc_peer);
  absl::string_view host = grpc_peer.substr(0, port);
  if (absl::ConsumePrefix(&host, "ipv4:")) return std::string(host);
  if (!absl::ConsumePrefix(&host, "ipv6:")) return std::string(grpc_peer);
  // gRPC writes the brackets as a URI has them.
  const std::string plain = absl::StrReplaceAll(host, {{"%5B", ""}, {"%5D", ""}, {"[", ""}, {"]", ""}});
  in6_addr address;
  // Without the zone of a link-local address.
  if (inet_pton(AF_INET6, plain.substr(0, plain.find('%')).c_str(), &address) != 1) return std::string(grpc_peer);
  return Text(address);
}

}  // namespace roster::rpc
