#ifndef ROSTER_RPC_SERVER_PEER_ADDRESS_H_
#define ROSTER_RPC_SERVER_PEER_ADDRESS_H_

#include <sys/socket.h>

#include <string>

#include "absl/strings/string_view.h"

namespace roster::rpc {

// Whose connection it is, for limits that hold for each caller: an IPv4 address, or the first 64 bits of an IPv6
// address, since whoever has one address of such a network usually has all of them. "192.0.2.1", "2001:db8::/64". An
// IPv4 address within an IPv6 one is the IPv4 address.

std::string PeerAddress(const sockaddr_storage& address);

// From what grpc::ServerContext::peer says: "ipv4:192.0.2.1:4711". What is no address of the two kinds is returned as
// it is.
std::string PeerAddress(absl::string_view grpc_peer);

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_PEER_ADDRESS_H_
