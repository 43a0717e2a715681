#include "rpc-server/role.h"

#include <utility>

namespace roster::rpc {
namespace {

constexpr std::pair<absl::string_view, Role> kNames[] = {
    {"reader", Role::kReader}, {"writer", Role::kWriter}, {"admin", Role::kAdmin}};

// Reads; commands, of which the answers show the user; and what shows how the server is built.
constexpr std::pair<absl::string_view, Role> kRequired[] = {
    {"roster.v1.UserQueryService/GetUser", Role::kReader},
    {"roster.v1.UserQueryService/BatchGetUsers", Role::kReader},
    {"roster.v1.UserQueryService/ListUsers", Role::kReader},
    {"roster.v1.UserQueryService/WatchUsers", Role::kReader},
    {"roster.v1.UserQueryService/GetReadModelStatus", Role::kReader},
    {"roster.v1.UserCommandService/SignUpUser", Role::kWriter},
    {"roster.v1.UserCommandService/UpdateUser", Role::kWriter},
    {"roster.v1.UserCommandService/DeleteUser", Role::kWriter},
    {"roster.v1.UserCommandService/ImportUsers", Role::kWriter},
    {"grpc.health.v1.Health/Check", Role::kReader},
    {"grpc.health.v1.Health/Watch", Role::kReader},
    {"grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Role::kReader},
    {"grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Role::kReader},
};

}  // namespace

std::string RoleName(Role role) { return std::string(kNames[static_cast<int>(role)].first); }

std::optional<Role> ParseRole(absl::string_view name) {
  for (const auto& [known, role] : kNames) {
    if (name == known) return role;
  }
  return std::nullopt;
}

std::optional<Role> HigherRole(std::optional<Role> a, std::optional<Role> b) {
  if (!a || !b) return a ? a : b;
  return *a < *b ? b : a;
}

Role RequiredRole(absl::string_view method) {
  for (const auto& [known, role] : kRequired) {
    if (method == known) return role;
  }
  return Role::kAdmin;
}

}  // namespace roster::rpc
