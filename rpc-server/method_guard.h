#ifndef ROSTER_RPC_SERVER_METHOD_GUARD_H_
#define ROSTER_RPC_SERVER_METHOD_GUARD_H_

#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/server_context.h"
#include "rpc-server/access.h"
#include "rpc-server/caller_limits.h"
#include "rpc-server/peer_address.h"
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
  // Lets callers with the role in, as far as their limits go. Null `limits`: without.
  MethodGuard(Access& access, Role needed, CallerLimits* limits) : access_(&access), needed_(needed), limits_(limits) {}
  // Lets everybody in, as far as their address's limits go.
  static MethodGuard Open(CallerLimits* limits) {
    MethodGuard guard;
    guard.open_ = true;
    guard.limits_ = limits;
    return guard;
  }

  // What to keep while the call is open, or how it is to end.
  absl::StatusOr<CallerLimits::OpenCall> Admit(const grpc::ServerContext& context) const {
    if (!open_) return AdmitKnown(context);
    if (limits_ == nullptr) return CallerLimits::OpenCall();
    return limits_->Admit(PeerAddress(context.peer()));
  }

 private:
  absl::StatusOr<CallerLimits::OpenCall> AdmitKnown(const grpc::ServerContext& context) const {
    if (access_ == nullptr) return absl::InternalError("a method was given no guard");
    const absl::StatusOr<std::string> caller = access_->Check(context, needed_);
    if (!caller.ok()) return caller.status();
    if (limits_ == nullptr) return CallerLimits::OpenCall();
    return limits_->Admit(*caller);
  }

  Access* access_ = nullptr;
  Role needed_ = Role::kAdmin;
  CallerLimits* limits_ = nullptr;
  bool open_ = false;
};

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_METHOD_GUARD_H_
