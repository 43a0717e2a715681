#ifndef ROSTER_RPC_SERVER_ROLE_MAP_H_
#define ROSTER_RPC_SERVER_ROLE_MAP_H_

#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "rpc-server/role.h"

namespace roster::rpc {

// Which role each name has, as the file of --auth-roles says. A line is a role, what the name is of, and the name,
// which is the rest of the line; "*" stands for every name. Blank lines, and those that begin with "#", say nothing.
//
//   reader  certificate  dashboard.example.com
//   writer  token        registration@example.com
//   admin   certificate  spiffe://example.com/operators
//
// A certificate's names are the entries of its subjectAltName or, where it has none, its CN; a token's name is its
// `sub`.
//
// Thread safety: const, so safe from any thread.
class RoleMap {
 public:
  // Knows nobody.
  RoleMap() = default;
  // INVALID_ARGUMENT names the line that is wrong; nothing but its number is shown.
  static absl::StatusOr<RoleMap> Parse(absl::string_view content);

  std::optional<Role> OfCertificate(absl::string_view name) const { return Find(certificates_, name); }
  std::optional<Role> OfToken(absl::string_view subject) const { return Find(tokens_, subject); }

 private:
  using Names = absl::flat_hash_map<std::string, Role>;
  static std::optional<Role> Find(const Names& names, absl::string_view name);

  Names certificates_;
  Names tokens_;
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_ROLE_MAP_H_
