#ifndef ROSTER_CLIENTS_CPP_COMMAND_CLIENT_H_
#define ROSTER_CLIENTS_CPP_COMMAND_CLIENT_H_

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/uuid.h"
#include "clients/cpp/endpoints.h"
#include "clients/cpp/retry.h"
#include "roster/v1/user_command_service.grpc.pb.h"

namespace roster::client {

// Sends commands. A command without a request_id gets one (a UUIDv7), so that it can be repeated: what is UNAVAILABLE,
// OVERLOADED or unanswered is repeated with the same request_id within the timeout, and takes effect once.
//
// Errors have ErrorDetails (base/error.h); see IsRetryable for those after which the same command may be given again.
// After UNAVAILABLE and DEADLINE_EXCEEDED it may have been recorded.
//
// Thread safety: safe from any thread.
class CommandClient {
 public:
  // `endpoints` must outlive it.
  CommandClient(Endpoints& endpoints, CallOptions options);

  absl::StatusOr<v1::SignUpUserResponse> SignUpUser(v1::SignUpUserRequest request);
  absl::StatusOr<v1::UpdateUserResponse> UpdateUser(v1::UpdateUserRequest request);
  absl::StatusOr<v1::DeleteUserResponse> DeleteUser(v1::DeleteUserRequest request);

 private:
  template <class Request>
  void FillRequestId(Request& request);

  Endpoints& endpoints_;
  const CallOptions options_;
  absl::Mutex mutex_;
  UuidV7Generator ids_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace roster::client

#endif  // ROSTER_CLIENTS_CPP_COMMAND_CLIENT_H_
