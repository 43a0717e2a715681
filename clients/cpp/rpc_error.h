#ifndef ROSTER_CLIENTS_CPP_RPC_ERROR_H_
#define ROSTER_CLIENTS_CPP_RPC_ERROR_H_

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace roster::client {

// Reasons that the client gives itself, beside the names of roster.v1.ErrorReason.
// No address of a service answered. Metadata: service, addresses (separated by ", ").
inline constexpr char kUnreachable[] = "UNREACHABLE";

// A failed call as an absl::Status. What google.rpc.ErrorInfo, BadRequest and RetryInfo say is in its ErrorDetails
// (base/error.h); a failure that never reached a handler of Roster's has none.
absl::Status ToStatus(const grpc::Status& status);

// The same for the status of one row of ImportUsers.
absl::Status ToStatus(const google::rpc::Status& status);

}  // namespace roster::client

#endif  // ROSTER_CLIENTS_CPP_RPC_ERROR_H_
