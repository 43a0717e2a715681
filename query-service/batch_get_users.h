#ifndef ROSTER_QUERY_SERVICE_BATCH_GET_USERS_H_
#define ROSTER_QUERY_SERVICE_BATCH_GET_USERS_H_

#include "absl/status/statusor.h"
#include "grpcpp/support/byte_buffer.h"
#include "query-service/read_after.h"
#include "roster/v1/user_query_service.pb.h"

namespace roster::query_service {

// UserQueryService.BatchGetUsers; see unary_read.h.
struct BatchGetUsersRpc {
  using Request = v1::BatchGetUsersRequest;
  static absl::StatusOr<ReadAfter> Check(const Request& request);
  static absl::StatusOr<grpc::ByteBuffer> Answer(const Request& request, read_model::Snapshot& snapshot);
};

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_BATCH_GET_USERS_H_
