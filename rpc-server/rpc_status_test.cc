#include "rpc-server/rpc_status.h"

#include "base/error.h"
#include "gtest/gtest.h"
#include "rpc-server/error_details_for_test.h"
#include "rpc-server/error_reason.h"

namespace roster::rpc {
namespace {

TEST(RpcStatusTest, ErrorCarriesReasonFieldsAndRetryDelay) {
  const absl::Status error = ErrorWithReason(
      absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_FIELD, "no good",
      {.metadata = {{"k", "v"}}, .field_violations = {{"email", "is empty"}}, .retry_delay = absl::Milliseconds(1500)});
  const grpc::Status grpc_status = ToGrpcStatus(error);
  EXPECT_EQ(grpc_status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(grpc_status.error_message(), "no good");
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(grpc_status.error_details()));
  EXPECT_EQ(status.code(), 3);
  const auto info = DetailOf<google::rpc::ErrorInfo>(status).value();
  EXPECT_EQ(info.reason(), "INVALID_FIELD");
  EXPECT_EQ(info.domain(), "roster.v1");
  EXPECT_EQ(info.metadata().at("k"), "v");
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).value().field_violations(0).field(), "email");
  const auto delay = DetailOf<google::rpc::RetryInfo>(status).value().retry_delay();
  EXPECT_EQ(delay.seconds(), 1);
  EXPECT_EQ(delay.nanos(), 500'000'000);
}

TEST(RpcStatusTest, ErrorWithoutDetailsIsInternalAndKeepsItsMessageToItself) {
  const google::rpc::Status status = ToRpcStatus(absl::NotFoundError("/var/secret/path"));
  EXPECT_EQ(status.code(), static_cast<int>(grpc::StatusCode::INTERNAL));
  EXPECT_EQ(status.message().find("secret"), std::string::npos);
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).value().reason(), "INTERNAL");
}

TEST(RpcStatusTest, AllBadFieldsAreListed) {
  const google::rpc::Status status = ToRpcStatus(InvalidFields({{"email", "is empty"}, {"labels", "has 65 entries"}}));
  EXPECT_EQ(DetailOf<google::rpc::BadRequest>(status).value().field_violations_size(), 2);
  EXPECT_EQ(status.message(), "email is empty; labels has 65 entries");
  EXPECT_TRUE(InvalidFields({}).ok());
}

}  // namespace
}  // namespace roster::rpc
