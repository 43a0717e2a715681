#ifndef ROSTER_BASE_HOST_PORT_H_
#define ROSTER_BASE_HOST_PORT_H_

#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/string_view.h"

namespace roster {

struct HostPort {
  std::string host;
  int port = 0;
};

// Takes HOST:PORT apart, as all settings that name a server have it. HOST is 1 to 253 printable ASCII characters, no
// blanks among them: a name, an IPv4 address, or an IPv6 address in brackets; whether it exists is not asked. PORT is 0
// (a server's choice) to 65535, in digits. Absent where `address` is anything else.
std::optional<HostPort> ParseHostPort(absl::string_view address);

// Whether only programs of this machine reach a HOST: `localhost`, or an address of the loopback. Not a name that
// begins like one: 127.example.com may lead anywhere.
bool IsLoopback(const std::string& host);

// For settings that name a server to call: a ParseHostPort whose port is not 0.
bool IsServerAddress(absl::string_view address);

// The check of such a setting. What CLI11 says where it fails begins with the setting's name.
CLI::Validator ServerAddress();

}  // namespace roster

#endif  // ROSTER_BASE_HOST_PORT_H_
