#include "clients/cpp/rpc_error.h"

#include "base/error.h"
#include "clients/cpp/fake_services.h"
#include "gtest/gtest.h"

namespace roster::client {
namespace {

TEST(RpcErrorTest, ErrorInfoBadRequestAndRetryInfoBecomeErrorDetails) {
  const FakeError error{grpc::StatusCode::RESOURCE_EXHAUSTED,
                        "queue full",
                        "OVERLOADED",
                        {{"k", "v"}},
                        {{"email", "has no @"}},
                        absl::Milliseconds(1500)};
  const absl::Status status = ToStatus(error.Grpc());
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "queue full");
  const ErrorDetails expected{"OVERLOADED", {{"k", "v"}}, {{"email", "has no @"}}, absl::Milliseconds(1500)};
  EXPECT_EQ(GetErrorDetails(status), expected);
  EXPECT_EQ(GetErrorDetails(ToStatus(error.Rpc())), expected);
}

TEST(RpcErrorTest, ErrorInfoOfAnotherDomainIsNoReasonOfRosters) {
  google::rpc::ErrorInfo info;
  info.set_reason("EMAIL_TAKEN");
  info.set_domain("example.com");
  google::rpc::Status details;
  details.add_details()->PackFrom(info);
  const absl::Status status =
      ToStatus(grpc::Status(grpc::StatusCode::ALREADY_EXISTS, "no", details.SerializeAsString()));
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_FALSE(GetErrorDetails(status).has_value());
}

TEST(RpcErrorTest, DetailsThatAreNoProtobufAreIgnored) {
  const absl::Status status = ToStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut", "\xff\xff\xff"));
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_FALSE(GetErrorDetails(status).has_value());
}

TEST(RpcErrorTest, AnUnknownCodeOfARowIsAnErrorStill) {
  google::rpc::Status row;
  row.set_code(4711);
  EXPECT_EQ(ToStatus(row).code(), absl::StatusCode::kUnknown);
}

}  // namespace
}  // namespace roster::client
