#ifndef ROSTER_RPC_SERVER_ERROR_DETAILS_FOR_TEST_H_
#define ROSTER_RPC_SERVER_ERROR_DETAILS_FOR_TEST_H_

#include <optional>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/grpcpp.h"

namespace roster::rpc {

// The first detail of the type that an error carries: google::rpc::ErrorInfo, BadRequest or RetryInfo.
template <typename Detail>
std::optional<Detail> DetailOf(const google::rpc::Status& status) {
  Detail detail;
  for (const auto& any : status.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

template <typename Detail>
std::optional<Detail> DetailOf(const grpc::Status& status) {
  google::rpc::Status details;
  return details.ParseFromString(status.error_details()) ? DetailOf<Detail>(details) : std::nullopt;
}

// The ErrorInfo's reason; empty where there is none. `Status` as above.
template <typename Status>
std::string ReasonOf(const Status& status) {
  return DetailOf<google::rpc::ErrorInfo>(status).value_or(google::rpc::ErrorInfo()).reason();
}

}  // namespace roster::rpc

#endif  // ROSTER_RPC_SERVER_ERROR_DETAILS_FOR_TEST_H_
