#ifndef ROSTER_TESTS_E2E_E2E_TEST_H_
#define ROSTER_TESTS_E2E_E2E_TEST_H_

#include <map>
#include <memory>
#include <string>

#include "base/eventually.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "rpc-server/error_details_for_test.h"
#include "tests/e2e/log_under_test.h"
#include "tests/support/context.h"
#include "tests/support/roster_processes.h"

namespace roster::test {

using rpc::ReasonOf;

// Signs a user up with an address made from the id, as soon as commands are decided.
inline v1::SignUpUserResponse MustSignUp(v1::UserCommandService::Stub& commands, const std::string& id) {
  v1::SignUpUserRequest request;
  v1::SignUpUserResponse response;
  request.set_user_id(id);
  request.set_email(id + "@example.com");
  request.set_request_id("sign-up-" + id);
  grpc::Status status;
  EXPECT_TRUE(Eventually([&] {
    Context context;
    status = commands.SignUpUser(&context, request, &response);
    return status.ok();
  })) << status.error_message();
  return response;
}

// All services as processes, once for each log (log_under_test.h).
class EndToEndTest : public testing::TestWithParam<LogKind> {
 protected:
  void StartAll() {
    processes_.StartAll();
    ASSERT_TRUE(processes_.WaitUntilServing())
        << processes_.command_service().Log() << processes_.projector().Log() << processes_.query_service().Log();
    commands_ = v1::UserCommandService::NewStub(processes_.command_channel());
    queries_ = v1::UserQueryService::NewStub(processes_.query_channel());
  }

  grpc::Status SignUp(const std::string& email, v1::SignUpUserResponse& response) {
    Context context;
    v1::SignUpUserRequest request;
    request.set_email(email);
    return commands_->SignUpUser(&context, request, &response);
  }

  v1::SignUpUserResponse MustSignUp(const std::string& id) { return test::MustSignUp(*commands_, id); }

  // Every user of the read model, once it includes `token`.
  std::map<std::string, v1::User> ListAll(const std::string& token) {
    Context context(absl::Minutes(2));
    v1::ListUsersRequest request;
    request.set_show_deleted(true);
    request.set_read_after(token);
    std::map<std::string, v1::User> users;
    auto stream = queries_->ListUsers(&context, request);
    for (v1::ListUsersResponse page; stream->Read(&page);) {
      for (const v1::User& user : page.users())
        EXPECT_TRUE(users.emplace(user.user_id(), user).second) << user.user_id();
    }
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return users;
  }

  RosterProcesses processes_{GetParam()};
  std::unique_ptr<v1::UserCommandService::Stub> commands_;
  std::unique_ptr<v1::UserQueryService::Stub> queries_;
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_E2E_E2E_TEST_H_
