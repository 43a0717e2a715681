#ifndef ROSTER_QUERY_SERVICE_RAW_CALL_H_
#define ROSTER_QUERY_SERVICE_RAW_CALL_H_

#include "grpcpp/support/byte_buffer.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "rpc-server/async_call.h"

namespace roster::query_service {

// Calls whose messages gRPC hands over as bytes (raw_message.h).
using RawUnaryCall = rpc::UnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>;
using RawStreamCall = rpc::ServerStreamCall<grpc::ByteBuffer, grpc::ByteBuffer>;

using AsyncService = v1::UserQueryService::WithRawMethod_GetUser<v1::UserQueryService::WithRawMethod_BatchGetUsers<
    v1::UserQueryService::WithRawMethod_ListUsers<v1::UserQueryService::WithRawMethod_WatchUsers<
        v1::UserQueryService::WithRawMethod_GetReadModelStatus<v1::UserQueryService::Service>>>>>;

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_RAW_CALL_H_
