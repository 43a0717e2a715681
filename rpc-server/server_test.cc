#include "rpc-server/server.h"

#include "base/temp_dir.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "gtest/gtest.h"
#include "roster/v1/user_query_service.grpc.pb.h"
#include "rpc-server/credentials_for_test.h"
#include "rpc-server/error_details_for_test.h"
#include "rpc-server/polled_queues_for_test.h"

namespace roster::rpc {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
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

// What is wrong with settings that a server must not start with; empty where it does.
class RefusedSettingsTest : public ServerTest {
 protected:
  RefusedSettingsTest() {
    const TestAuthority authority("an authority");
    const TestCertificate certificate = authority.IssueForServer();
    ReplaceFile(dir_.File("ca"), authority.pem());
    ReplaceFile(dir_.File("cert"), certificate.certificate);
    ReplaceFile(dir_.File("key"), certificate.key);
    ReplaceFile(dir_.File("roles"), "reader token ann\n");
    ReplaceFile(dir_.File("secret"), std::string(32, 's'));
    ReplaceFile(dir_.File("jwks"), Jwks({TestSigner::Ed25519("d")}));
    options_ = OnFreePort();
  }

  void UseTls() {
    options_.security.tls_cert = dir_.File("cert");
    options_.security.tls_key = dir_.File("key");
  }
  void UseTokens() { options_.security.auth_secret_file = dir_.File("secret"); }
  void UseClientCertificates() {
    options_.security.tls_client_ca = dir_.File("ca");
    options_.security.auth_roles = dir_.File("roles");
  }
  std::string Error() { return std::string(Start(options_).status().message()); }

  TempDir dir_;
  ServerOptions options_;
};

TEST_F(RefusedSettingsTest, OtherThanLoopbackNeedsTlsAndAuthentication) {
  options_.listen = "0.0.0.0:0";
  EXPECT_THAT(Error(), HasSubstr("no TLS, nor are callers authenticated"));
  UseTls();
  EXPECT_THAT(Error(), HasSubstr("callers are not authenticated"));
  UseTokens();
  EXPECT_EQ(Error(), "");
  options_.security.auth_secret_file = "";
  UseClientCertificates();
  EXPECT_EQ(Error(), "");
  options_.security = {};
  UseTokens();
  EXPECT_THAT(Error(), HasSubstr("there is no TLS"));
  options_.insecure = true;
  EXPECT_EQ(Error(), "");
}

TEST_F(RefusedSettingsTest, HalfASettingIsRefused) {
  SecurityOptions& security = options_.security;
  security.tls_cert = dir_.File("cert");
  EXPECT_THAT(Error(), HasSubstr("--tls-key"));
  security = {};
  UseClientCertificates();
  EXPECT_THAT(Error(), HasSubstr("--tls-client-ca: needs --tls-cert"));
  UseTls();
  security.auth_roles = "";
  EXPECT_THAT(Error(), HasSubstr("--tls-client-ca: needs --auth-roles"));
  security = {.auth_jwks = dir_.File("jwks")};
  EXPECT_THAT(Error(), HasSubstr("--auth-jwks: needs --auth-audience"));
  security.auth_audience = "roster";
  EXPECT_EQ(Error(), "");
  for (const SecurityOptions& rules :
       {SecurityOptions{.auth_audience = "roster"}, SecurityOptions{.auth_issuer = "https://id.example.com"},
        SecurityOptions{.auth_roles = dir_.File("roles")}}) {
    security = rules;
    EXPECT_THAT(Error(), HasSubstr("by which callers are told apart"));
  }
}

TEST_F(RefusedSettingsTest, FileThatCannotBeUsedIsNamedAndNotShown) {
  SecurityOptions& security = options_.security;
  ReplaceFile(dir_.File("bad"), "topsecret");
  security = {.auth_secret_file = dir_.File("bad")};
  EXPECT_THAT(Error(), AllOf(HasSubstr("--auth-secret-file"), Not(HasSubstr("topsecret"))));
  security = {.auth_jwks = dir_.File("bad"), .auth_audience = "roster"};
  EXPECT_THAT(Error(), AllOf(HasSubstr("--auth-jwks"), Not(HasSubstr("topsecret"))));
  security = {.auth_secret_file = dir_.File("secret"), .auth_roles = dir_.File("bad")};
  EXPECT_THAT(Error(), AllOf(HasSubstr("--auth-roles"), HasSubstr("line 1"), Not(HasSubstr("topsecret"))));
  security = {.auth_secret_file = dir_.File("none")};
  EXPECT_THAT(Error(), HasSubstr("--auth-secret-file: cannot read"));
  security = {};
  UseTls();
  security.tls_key = dir_.File("bad");
  EXPECT_THAT(Error(), AllOf(HasSubstr("--tls-key"), Not(HasSubstr("topsecret"))));
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

TEST_F(ServerTest, CallersOfAnOpenServerAreCountedByAddress) {
  ServerOptions options = OnFreePort();
  options.caller.open_calls = 1;
  auto server = Start(options).value();
  const auto stub =
      grpc::health::v1::Health::NewStub(grpc::CreateChannel(server->address(), grpc::InsecureChannelCredentials()));
  grpc::health::v1::HealthCheckResponse answer;
  grpc::ClientContext watching;
  const auto watch = stub->Watch(&watching, {});
  ASSERT_TRUE(watch->Read(&answer));
  grpc::ClientContext checking;
  const grpc::Status status = stub->Check(&checking, {}, &answer);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "CALLER_OVER_LIMIT");
  watching.TryCancel();
}

}  // namespace
}  // namespace roster::rpc
