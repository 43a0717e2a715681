#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/command_line_fixture.h"
#include "gmock/gmock.h"

namespace roster::cli {
namespace {

using client::FakeError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::WatchUsersResponse UserMessage(const std::string& token, int64_t version, v1::UserStatus status) {
  v1::WatchUsersResponse message;
  message.set_resume_token(token);
  v1::User& user = *message.add_users();
  user.set_user_id("u-1");
  user.set_version(version);
  user.set_status(status);
  return message;
}

v1::WatchUsersResponse Synced(const std::string& token) {
  v1::WatchUsersResponse message;
  message.set_resume_token(token);
  message.mutable_synced();
  return message;
}

class WatchTest : public CommandLineFixture {
 protected:
  WatchTest() {
    fake_.watch = [this](const v1::WatchUsersRequest& request, grpc::ServerWriter<v1::WatchUsersResponse>* out) {
      tokens_.push_back(request.resume_token());
      if (tokens_.size() == 1) {
        out->Write(UserMessage("t-1", 1, v1::USER_STATUS_ACTIVE));
        out->Write(Synced("t-2"));
        out->Write(UserMessage("t-3", 2, v1::USER_STATUS_ACTIVE));
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut");
      }
      if (tokens_.size() == 2) {
        out->Write(UserMessage("t-4", 3, v1::USER_STATUS_DELETED));
        out->Write(Synced("t-5"));
      }
      return FakeError{grpc::StatusCode::OUT_OF_RANGE, "too old", "RESUME_TOKEN_TOO_OLD"}.Grpc();
    };
  }

  std::vector<std::string> tokens_;
};

TEST_F(WatchTest, PrintsALineForEachChangeAndGoesOnAfterACut) {
  const Result result = Run({"watch"});
  EXPECT_THAT(tokens_, ElementsAre("", "t-3"));
  const std::string& out = result.out;
  EXPECT_THAT(out, HasSubstr("present    u-1"));
  EXPECT_THAT(out, HasSubstr("updated    u-1"));
  EXPECT_THAT(out, HasSubstr("deleted    u-1"));
  EXPECT_LT(out.find("present"), out.find("-- synced"));
  EXPECT_LT(out.find("-- synced"), out.find("updated"));
  // The second one only ends what was missed.
  EXPECT_EQ(out.find("-- synced"), out.rfind("-- synced"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("without --resume-token"));
}

TEST_F(WatchTest, EveryUserOfAMessageHasALine) {
  fake_.watch = [](const v1::WatchUsersRequest&, grpc::ServerWriter<v1::WatchUsersResponse>* out) {
    v1::WatchUsersResponse message;
    for (const char* user_id : {"u-1", "u-2", "u-3"}) message.add_users()->set_user_id(user_id);
    out->Write(message);
    out->Write(Synced("t"));
    return grpc::Status::OK;
  };
  const Result result = Run({"watch", "--until-synced"});
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 4);
  EXPECT_LT(result.out.find("u-1"), result.out.find("u-2"));
  EXPECT_LT(result.out.find("u-2"), result.out.find("u-3"));
}

TEST_F(WatchTest, AsJsonEachMessageIsALineWithItsResumeToken) {
  const Result result = Run({"watch", "--output", "json", "--until-synced"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("\"resumeToken\":\"t-1\""));
  EXPECT_THAT(result.out, HasSubstr("{\"resumeToken\":\"t-2\",\"users\":[],\"synced\":{}}\n"));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 2);
}

TEST_F(WatchTest, AResumeTokenIsSentInsteadOfTheLastWrite) {
  std::string sent;
  fake_.watch = [&](const v1::WatchUsersRequest& request, grpc::ServerWriter<v1::WatchUsersResponse>* out) {
    sent = request.resume_token() + "/" + request.read_after();
    out->Write(Synced("t"));
    return grpc::Status::OK;
  };
  Run({"watch", "--resume-token", "mine", "--until-synced"});
  EXPECT_EQ(sent, "mine/");
  EXPECT_EQ(Run({"watch", "--resume-token", "mine", "--read-after", Token(1)}).exit_code, 2);
}

}  // namespace
}  // namespace roster::cli
