#ifndef ROSTER_COMMAND_SERVICE_COMMAND_H_
#define ROSTER_COMMAND_SERVICE_COMMAND_H_

#include <string>
#include <variant>

#include "roster/v1/user_command_service.pb.h"

namespace roster::command {

// A command: the request of the RPC that carries it, which outlives it.
using Command = std::variant<const v1::SignUpUserRequest*, const v1::UpdateUserRequest*, const v1::DeleteUserRequest*>;

inline const std::string& RequestIdOf(const Command& command) {
  return std::visit([](const auto* request) -> const std::string& { return request->request_id(); }, command);
}

inline bool IsValidateOnly(const Command& command) {
  return std::visit([](const auto* request) { return request->validate_only(); }, command);
}

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_COMMAND_H_
