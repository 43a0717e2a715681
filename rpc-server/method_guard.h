#ifndef ROSTER_RPC_SERVER_METHOD_GUARD_H_
#define ROSTER_RPC_SERVER_METHOD_GUARD_H_

#include "absl/status/status.h"
#include "grpcpp/server_context.h"
#include "rpc-server/access.h"
#include "rpc-server/role.h"

namespace roster::rpc {

// Lets the calls of one method in, or refuses them. Server::GuardOf gives each method its own; every way in which calls
// come in asks it before anything else is done for a call. Copied freely; must not outlive the server.
//
// Thread safety: safe from any thread.
class MethodGuard {
 public:
  // Refuses every call, as INTERNAL: nobody said who may call.
  MethodGuard() = default;
  // Lets callers with the role in.
  MethodGuard(Access& access, Role needed) : access_(&access), needed_(needed) {}
  // Lets everybody in.
  static MethodGuard Open() {
    MethodGuard guard;
    guard.open_ = true;
    return guard;
  }

  // OK, or how the call is to end.
  absl::Status Check(const grpc::ServerContext& context) const {
    if (open_) return absl::OkStatus();
    if (access_ == nullptr) return absl::InternalError("a method was given no guard");
    return access_->Check(context, needed_);
  }

 private:
  Access* access_ = nullptr;
  Role needed_ = Role::kAdmin;
  bool open_ = false;
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_METHOD_GUARD_H_
