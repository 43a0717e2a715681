#ifndef ROSTER_RPC_SERVER_RPC_STATUS_H_
#define ROSTER_RPC_SERVER_RPC_STATUS_H_

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace roster::rpc {

// An error as the API shows it (AIP-193): its code and message, with google.rpc.ErrorInfo, BadRequest and RetryInfo
// made of its ErrorDetails (base/error.h). An error without details has reason INTERNAL, and its message stays on the
// server: it was not written for callers.
google::rpc::Status ToRpcStatus(const absl::Status& status);

// The same as the status of a call.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_RPC_STATUS_H_
