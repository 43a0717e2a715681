#include "clients/cpp/rpc_error.h"

#include <string>
#include <utility>

#include "absl/time/time.h"
#include "base/error.h"
#include "google/rpc/error_details.pb.h"

namespace roster::client {
namespace {

constexpr absl::string_view kDomain = "roster.v1";

void ReadDetail(const google::protobuf::Any& any, ErrorDetails& details) {
  if (google::rpc::ErrorInfo info; any.Is<google::rpc::ErrorInfo>() && any.UnpackTo(&info)) {
    if (info.domain() != kDomain) return;
    details.reason = info.reason();
    details.metadata.insert(info.metadata().begin(), info.metadata().end());
  } else if (google::rpc::BadRequest bad; any.Is<google::rpc::BadRequest>() && any.UnpackTo(&bad)) {
    for (const auto& violation : bad.field_violations()) {
      details.field_violations.push_back({violation.field(), violation.description()});
    }
  } else if (google::rpc::RetryInfo retry; any.Is<google::rpc::RetryInfo>() && any.UnpackTo(&retry)) {
    details.retry_delay = absl::Seconds(retry.retry_delay().seconds()) + absl::Nanoseconds(retry.retry_delay().nanos());
  }
}

absl::Status WithDetails(absl::StatusCode code, absl::string_view message, const google::rpc::Status& status) {
  ErrorDetails details;
  for (const auto& any : status.details()) ReadDetail(any, details);
  if (details == ErrorDetails{}) return absl::Status(code, message);
  return MakeError(code, message, details);
}

}  // namespace

absl::Status ToStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  // Both enums are the canonical codes with the same numbers.
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) details.Clear();
  return WithDetails(code, status.error_message(), details);
}

absl::Status ToStatus(const google::rpc::Status& status) {
  if (status.code() == 0) return absl::OkStatus();
  const bool known = status.code() > 0 && status.code() <= static_cast<int>(absl::StatusCode::kUnauthenticated);
  return WithDetails(known ? static_cast<absl::StatusCode>(status.code()) : absl::StatusCode::kUnknown,
                     status.message(), status);
}

}  // namespace roster::client
