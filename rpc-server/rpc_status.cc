#include "rpc-server/rpc_status.h"

#include <optional>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "google/rpc/error_details.pb.h"
#include "rpc-server/error_reason.h"

namespace roster::rpc {
namespace {

void AddDetails(const ErrorDetails& details, google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_reason(details.reason);
  info.set_domain(kErrorDomain);
  for (const auto& [key, value] : details.metadata) (*info.mutable_metadata())[key] = value;
  status.add_details()->PackFrom(info);
  if (!details.field_violations.empty()) {
    google::rpc::BadRequest bad_request;
    for (const FieldViolation& violation : details.field_violations) {
      auto* added = bad_request.add_field_violations();
      added->set_field(violation.field);
      added->set_description(violation.description);
    }
    status.add_details()->PackFrom(bad_request);
  }
  if (details.retry_delay) {
    google::rpc::RetryInfo retry;
    const timespec delay = absl::ToTimespec(*details.retry_delay);
    retry.mutable_retry_delay()->set_seconds(delay.tv_sec);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(delay.tv_nsec));
    status.add_details()->PackFrom(retry);
  }
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& error) {
  google::rpc::Status status;
  if (error.ok()) return status;
  const std::optional<ErrorDetails> details = GetErrorDetails(error);
  if (!details) {
    Log(LogLevel::kError, "call failed by a fault of the service's own", {{"error", error}});
    status.set_code(static_cast<int>(absl::StatusCode::kInternal));
    status.set_message("a fault of the service's own; its log has the cause");
    AddDetails({.reason = ReasonName(v1::ERROR_REASON_INTERNAL)}, status);
    return status;
  }
  status.set_code(static_cast<int>(error.code()));
  status.set_message(std::string(error.message()));
  AddDetails(*details, status);
  return status;
}

grpc::Status ToGrpcStatus(const absl::Status& error) {
  if (error.ok()) return grpc::Status::OK;
  const google::rpc::Status status = ToRpcStatus(error);
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), status.message(), status.SerializeAsString());
}

}  // namespace roster::rpc
