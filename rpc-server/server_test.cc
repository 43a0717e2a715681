#include "rpc-server/server.h"

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "gtest/gtest.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "rpc-server/polled_queues_for_test.h"

namespace roster::rpc {
namespace {

using v1::UserQueryService;

ServerOptions OnFreePort() {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  return options;
}

class ServerTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options) {
    return Server::Start(options, {{UserQueryService::service_full_name(), &service_}},
                         [this](grpc::ServerBuilder& builder) -> auto& { return queues_.AddTo(builder); });
  }

  UserQueryService::Service service_;
  PolledQueues queues_;
};

TEST_F(ServerTest, TakenPortIsAnError) {
  auto first = Start(OnFreePort()).value();
  ServerOptions same = OnFreePort();
  same.listen = first->address();
  const absl::Status status = Start(same).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_NE(status.message().find("--listen"), std::string::npos);
}

TEST_F(ServerTest, AddressMustBeHostAndPort) {
  for (const char* listen : {"", "50051", ":50051", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "a host:0"}) {
    ServerOptions options;
    options.listen = listen;
    EXPECT_EQ(Start(options).status().code(), absl::StatusCode::kInvalidArgument) << listen;
  }
}

TEST_F(ServerTest, OtherThanLoopbackNeedsInsecure) {
  ServerOptions options;
  for (const char* listen : {"127.example.com:0", "0.0.0.0:0"}) {
    options.listen = listen;
    const absl::Status status = Start(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << listen;
    EXPECT_NE(status.message().find("--insecure"), std::string::npos) << listen;
  }
  options.insecure = true;
  EXPECT_TRUE(Start(options).ok());
}

TEST_F(ServerTest, ReflectionListsAndDescribesTheService) {
  namespace reflection = grpc::reflection::v1;
  auto server = Start(OnFreePort()).value();
  auto stub = reflection::ServerReflection::NewStub(server->InProcessChannel());
  grpc::ClientContext context;
  auto stream = stub->ServerReflectionInfo(&context);
  reflection::ServerReflectionRequest request;
  reflection::ServerReflectionResponse response;

  request.set_list_services("*");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  std::vector<std::string> names;
  for (const auto& service : response.list_services_response().service()) names.push_back(service.name());
  EXPECT_EQ(names, (std::vector<std::string>{"roster.v1.UserQueryService", "grpc.health.v1.Health",
                                             "grpc.reflection.v1.ServerReflection",
                                             "grpc.reflection.v1alpha.ServerReflection"}));

  request.set_file_containing_symbol("roster.v1.UserQueryService");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.file_descriptor_response().file_descriptor_proto_size(),
            3);  // itself, user.proto, timestamp.proto

  request.set_file_containing_symbol("no.such.Symbol");
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error_response().error_code(), grpc::StatusCode::NOT_FOUND);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace roster::rpc
