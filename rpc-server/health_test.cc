#include "rpc-server/health.h"

#include "gtest/gtest.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "rpc-server/polled_queues_for_test.h"
#include "rpc-server/server.h"

namespace roster::rpc {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using v1::UserQueryService;

class HealthTest : public testing::Test {
 protected:
  HealthTest() {
    ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.drain_timeout_ms = 60'000;
    server_ = Server::Start(options, {{UserQueryService::service_full_name(), &service_}},
                            [this](grpc::ServerBuilder& builder) -> auto& { return queues_.AddTo(builder); })
                  .value();
    stub_ =
        grpc::health::v1::Health::NewStub(grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials()));
  }

  HealthCheckResponse::ServingStatus Check(const std::string& service) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    HealthCheckResponse response;
    request.set_service(service);
    const grpc::Status status = stub_->Check(&context, request, &response);
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) return HealthCheckResponse::SERVICE_UNKNOWN;
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.status();
  }

  UserQueryService::Service service_;
  PolledQueues queues_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
};

TEST_F(HealthTest, ChecksTheServerAndEachService) {
  EXPECT_EQ(Check(""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Check("roster.v1.UserQueryService"), HealthCheckResponse::NOT_SERVING);
  server_->SetServing(true);
  EXPECT_EQ(Check(""), HealthCheckResponse::SERVING);
  EXPECT_EQ(Check("roster.v1.UserQueryService"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Check("roster.v1.NoSuchService"), HealthCheckResponse::SERVICE_UNKNOWN);
}

TEST_F(HealthTest, WatchTellsEachChangeAndEndsWithTheServer) {
  grpc::ClientContext context;
  auto stream = stub_->Watch(&context, {});
  HealthCheckResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  server_->SetServing(true);
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  std::thread stopper([this] { server_->Shutdown(); });
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  stopper.join();
}

TEST_F(HealthTest, WatchOfAnUnknownServiceIsToldSoAndStaysOpen) {
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service("roster.v1.NoSuchService");
  auto stream = stub_->Watch(&context, request);
  HealthCheckResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(HealthTest, ServerThatIsJustDroppedEndsItsWatches) {
  grpc::ClientContext context;
  auto stream = stub_->Watch(&context, {});
  HealthCheckResponse response;
  ASSERT_TRUE(stream->Read(&response));
  server_ = nullptr;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_FALSE(stream->Finish().ok());
}

}  // namespace
}  // namespace roster::rpc
