// Who may call each method of the two services, as they run: every method of the contract, with each role and without.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/temp_dir.h"
#include "command-service/command_service.h"
#include "event-log/embedded/embedded_log.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "query-service/query_service.h"
#include "roster/v1/user_command_service.pb.h"
#include "roster/v1/user_query_service.pb.h"
#include "rpc-server/credentials_for_test.h"
#include "rpc-server/error_details_for_test.h"

namespace roster {
namespace {

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

// Calls any method, however it streams, with one empty message.
grpc::Status CallWithNothing(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                             const std::string& token) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, method, &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(nullptr);
  queue.Next(&tag, &ok);
  const grpc::Slice nothing;
  if (ok) {
    call->WriteLast(grpc::ByteBuffer(&nothing, 1), {}, nullptr);
    queue.Next(&tag, &ok);
  }
  grpc::ByteBuffer answer;
  do {
    call->Read(&answer, nullptr);
    queue.Next(&tag, &ok);
  } while (ok);
  grpc::Status status;
  call->Finish(&status, nullptr);
  queue.Next(&tag, &ok);
  return status;
}

class EveryMethodTest : public testing::Test {
 protected:
  EveryMethodTest() {
    rpc::ReplaceFile(dir_.File("secret"), kSecret);
    command::CommandServiceOptions command_options;
    command_options.server.listen = "127.0.0.1:0";
    command_options.server.security.auth_secret_file = dir_.File("secret");
    command_options.write_model = dir_.File("write-model.db");
    query_service::QueryServiceOptions query_options;
    query_options.server = command_options.server;
    query_options.read_model = dir_.File("read-model");
    log_ = event_log::OpenEmbeddedLog(dir_.File("log.db"), SystemClock());
    commands_ = command::CommandService::Start(command_options, *log_, SystemClock()).value();
    queries_ = query_service::QueryService::Start(query_options).value();
  }

  // "allowed", or the reason of the refusal.
  std::string Call(const google::protobuf::MethodDescriptor& method, const std::string& token) const {
    const bool is_command = method.service()->name() == "UserCommandService";
    const auto channel = grpc::CreateChannel(is_command ? commands_->address() : queries_->address(),
                                             grpc::InsecureChannelCredentials());
    const grpc::Status status =
        CallWithNothing(channel, absl::StrCat("/", method.service()->full_name(), "/", method.name()), token);
    const bool refused = status.error_code() == grpc::StatusCode::UNAUTHENTICATED ||
                         status.error_code() == grpc::StatusCode::PERMISSION_DENIED;
    // Whatever else becomes of nothing: it came as far as the handler.
    EXPECT_NE(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << method.full_name();
    EXPECT_NE(status.error_code(), grpc::StatusCode::INTERNAL) << method.full_name() << status.error_message();
    return refused ? rpc::ReasonOf(status) : "allowed";
  }

  static std::string Token(const std::string& role) {
    return rpc::TestSigner::Secret(kSecret).Sign(rpc::TestClaims("ann", role, absl::Now() + absl::Hours(1)));
  }

  TempDir dir_;
  std::unique_ptr<event_log::EventLog> log_;
  std::unique_ptr<command::CommandService> commands_;
  std::unique_ptr<query_service::QueryService> queries_;
};

std::vector<const google::protobuf::MethodDescriptor*> MethodsOf(const google::protobuf::FileDescriptor& file) {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  for (int i = 0; i < file.service(0)->method_count(); ++i) methods.push_back(file.service(0)->method(i));
  return methods;
}

TEST_F(EveryMethodTest, ReadsNeedAReader) {
  for (const auto* method : MethodsOf(*v1::GetUserRequest::descriptor()->file())) {
    EXPECT_EQ(Call(*method, ""), "CREDENTIALS_MISSING") << method->full_name();
    EXPECT_EQ(Call(*method, "no.good.token"), "CREDENTIALS_INVALID") << method->full_name();
    EXPECT_EQ(Call(*method, Token("")), "ROLE_REQUIRED") << method->full_name();
    EXPECT_EQ(Call(*method, Token("reader")), "allowed") << method->full_name();
    EXPECT_EQ(Call(*method, Token("writer")), "allowed") << method->full_name();
    EXPECT_EQ(Call(*method, Token("admin")), "allowed") << method->full_name();
  }
}

TEST_F(EveryMethodTest, CommandsNeedAWriter) {
  for (const auto* method : MethodsOf(*v1::SignUpUserRequest::descriptor()->file())) {
    EXPECT_EQ(Call(*method, ""), "CREDENTIALS_MISSING") << method->full_name();
    EXPECT_EQ(Call(*method, "no.good.token"), "CREDENTIALS_INVALID") << method->full_name();
    EXPECT_EQ(Call(*method, Token("")), "ROLE_REQUIRED") << method->full_name();
    EXPECT_EQ(Call(*method, Token("reader")), "ROLE_REQUIRED") << method->full_name();
    EXPECT_EQ(Call(*method, Token("writer")), "allowed") << method->full_name();
    EXPECT_EQ(Call(*method, Token("admin")), "allowed") << method->full_name();
  }
}

}  // namespace
}  // namespace roster
