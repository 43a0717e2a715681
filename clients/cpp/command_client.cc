#include "clients/cpp/command_client.h"

#include <memory>
#include <utility>

namespace roster::client {

using Service = v1::UserCommandService;
using Channel = std::shared_ptr<grpc::Channel>;

CommandClient::CommandClient(Endpoints& endpoints, CallOptions options)
    : endpoints_(endpoints), options_(std::move(options)), ids_(*options_.clock) {}

absl::StatusOr<v1::SignUpUserResponse> CommandClient::SignUpUser(v1::SignUpUserRequest request) {
  FillRequestId(request);
  return CallWithRetry<v1::SignUpUserResponse>(
      endpoints_, options_, [&](const Channel& channel, grpc::ClientContext* context, auto* response) {
        return Service::NewStub(channel)->SignUpUser(context, request, response);
      });
}

absl::StatusOr<v1::UpdateUserResponse> CommandClient::UpdateUser(v1::UpdateUserRequest request) {
  FillRequestId(request);
  return CallWithRetry<v1::UpdateUserResponse>(
      endpoints_, options_, [&](const Channel& channel, grpc::ClientContext* context, auto* response) {
        return Service::NewStub(channel)->UpdateUser(context, request, response);
      });
}

absl::StatusOr<v1::DeleteUserResponse> CommandClient::DeleteUser(v1::DeleteUserRequest request) {
  FillRequestId(request);
  return CallWithRetry<v1::DeleteUserResponse>(
      endpoints_, options_, [&](const Channel& channel, grpc::ClientContext* context, auto* response) {
        return Service::NewStub(channel)->DeleteUser(context, request, response);
      });
}

template <class Request>
void CommandClient::FillRequestId(Request& request) {
  if (!request.request_id().empty()) return;
  absl::MutexLock lock(&mutex_);
  request.set_request_id(ids_.Next());
}

}  // namespace roster::client
