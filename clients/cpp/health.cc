#include "clients/cpp/health.h"

#include "absl/time/clock.h"
#include "clients/cpp/rpc_error.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/client_context.h"

namespace roster::client {

absl::StatusOr<std::string> CheckHealth(const Endpoints::Endpoint& endpoint, absl::string_view service,
                                        absl::Duration timeout) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(std::string(service));
  grpc::health::v1::HealthCheckResponse response;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  const grpc::Status status = grpc::health::v1::Health::NewStub(endpoint.channel)->Check(&context, request, &response);
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return std::string("SERVICE_UNKNOWN");
  if (!status.ok()) return ToStatus(status);
  return grpc::health::v1::HealthCheckResponse::ServingStatus_Name(response.status());
}

}  // namespace roster::client
