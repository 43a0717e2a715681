#include "rpc-server/role_map.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace roster::rpc {
namespace {

constexpr char kAnybody[] = "*";

// The first word of `rest`, which keeps what follows.
absl::string_view TakeWord(absl::string_view& rest) {
  const size_t end = std::min(rest.find_first_of(" \t"), rest.size());
  const absl::string_view word = rest.substr(0, end);
  rest = absl::StripLeadingAsciiWhitespace(rest.substr(end));
  return word;
}

}  // namespace

absl::StatusOr<RoleMap> RoleMap::Parse(absl::string_view content) {
  RoleMap map;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(content, '\n')) {
    ++number;
    absl::string_view name = absl::StripAsciiWhitespace(line);
    if (name.empty() || name.front() == '#') continue;
    const std::optional<Role> role = ParseRole(TakeWord(name));
    const absl::string_view kind = TakeWord(name);
    if (!role || (kind != "certificate" && kind != "token") || name.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", number, " is not a role (reader, writer, admin), then certificate or token, then a name"));
    }
    Names& names = kind == "token" ? map.tokens_ : map.certificates_;
    if (!names.emplace(std::string(name), *role).second) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, " gives a second role to one name"));
    }
  }
  return map;
}

std::optional<Role> RoleMap::Find(const Names& names, absl::string_view name) {
  std::optional<Role> role;
  for (const absl::string_view key : {name, absl::string_view(kAnybody)}) {
    const auto found = names.find(key);
    if (found != names.end()) role = HigherRole(role, found->second);
  }
  return role;
}

}  // namespace roster::rpc
