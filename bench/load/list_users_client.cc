#include "bench/load/list_users_client.h"

#include <string>

#include "base/error.h"
#include "clients/cpp/rpc_error.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "roster/v1/user_query_service.grpc.pb.h"

namespace roster::bench {
namespace {

// Waits for the operation under way; whether it succeeded.
bool Next(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

v1::ListUsersRequest RequestFor(int page_size, int64_t users) {
  v1::ListUsersRequest request;
  request.set_page_size(page_size);
  request.set_limit(users);
  return request;
}

grpc::ByteBuffer Serialized(const v1::ListUsersRequest& request) {
  const grpc::Slice slice(request.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

absl::StatusOr<int64_t> ListUsersBytes(const std::shared_ptr<grpc::Channel>& channel, int page_size, int64_t users) {
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  grpc::GenericStub stub(channel);
  const auto stream = stub.PrepareCall(&context, "/roster.v1.UserQueryService/ListUsers", &queue);
  stream->StartCall(nullptr);
  Next(queue);
  stream->WriteLast(Serialized(RequestFor(page_size, users)), grpc::WriteOptions(), nullptr);
  Next(queue);
  int64_t bytes = 0;
  grpc::ByteBuffer message;
  for (;;) {
    stream->Read(&message, nullptr);
    if (!Next(queue)) break;
    bytes += static_cast<int64_t>(message.Length());
  }
  grpc::Status status;
  stream->Finish(&status, nullptr);
  Next(queue);
  queue.Shutdown();
  while (Next(queue)) {
  }
  ROSTER_RETURN_IF_ERROR(client::ToStatus(status));
  return bytes;
}

absl::StatusOr<int64_t> ListUsersDecoded(const std::shared_ptr<grpc::Channel>& channel, int page_size, int64_t users) {
  const auto stub = v1::UserQueryService::NewStub(channel);
  grpc::ClientContext context;
  const auto reader = stub->ListUsers(&context, RequestFor(page_size, users));
  int64_t listed = 0;
  v1::ListUsersResponse page;
  while (reader->Read(&page)) listed += page.users_size();
  ROSTER_RETURN_IF_ERROR(client::ToStatus(reader->Finish()));
  return listed;
}

}  // namespace roster::bench
