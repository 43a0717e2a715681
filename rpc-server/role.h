#ifndef ROSTER_RPC_SERVER_ROLE_H_
#define ROSTER_RPC_SERVER_ROLE_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace roster::rpc {

// What a caller may do; each role includes those before it.
enum class Role { kReader, kWriter, kAdmin };

// "reader", "writer" or "admin".
std::string RoleName(Role role);
// Absent where `name` is none of those.
std::optional<Role> ParseRole(absl::string_view name);
// The higher of two, of which either may be absent.
std::optional<Role> HigherRole(std::optional<Role> a, std::optional<Role> b);

// The role that calls of a method need. `method` is "roster.v1.UserQueryService/GetUser". One that is not known here
// needs kAdmin: a new method is closed until it is named.
Role RequiredRole(absl::string_view method);

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_ROLE_H_
