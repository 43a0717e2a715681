#include "clients/cpp/query_client.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/error.h"
#include "clients/cpp/fake_services.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace roster::client {
namespace {

using ::testing::ElementsAre;

class QueryClientTest : public ::testing::Test {
 protected:
  QueryClientTest() {
    options_.first_delay = absl::Milliseconds(1);
    options_.max_delay = absl::Milliseconds(2);
  }

  QueryClient& client() {
    if (client_ == nullptr) client_ = std::make_unique<QueryClient>(endpoints_, options_);
    return *client_;
  }

  // Outlives the handler that waits for it.
  absl::Notification done_;
  FakeServices fake_;
  Endpoints endpoints_{"query service", {fake_.address()}, grpc::InsecureChannelCredentials()};
  CallOptions options_;
  std::unique_ptr<QueryClient> client_;
};

TEST_F(QueryClientTest, AWatchThatIsCutResumesAfterTheLastMessage) {
  std::vector<std::string> tokens;
  fake_.watch = [&](const v1::WatchUsersRequest& request, grpc::ServerWriter<v1::WatchUsersResponse>* out) {
    tokens.push_back(request.resume_token() + "/" + request.read_after());
    v1::WatchUsersResponse message;
    message.set_resume_token(absl::StrCat("t-", tokens.size()));
    message.add_users()->set_user_id(absl::StrCat("u-", tokens.size()));
    out->Write(message);
    // A cut as a server makes it, as a proxy makes it, and an end without any error.
    if (tokens.size() == 1) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopping");
    if (tokens.size() == 2) return grpc::Status(grpc::StatusCode::INTERNAL, "RST_STREAM");
    return grpc::Status::OK;
  };
  v1::WatchUsersRequest request;
  request.set_read_after("after");
  std::vector<std::string> users;
  const absl::Status status = client().WatchUsers(request, [&](const v1::WatchUsersResponse& message) {
    users.push_back(message.users(0).user_id());
    return users.size() == 4 ? absl::CancelledError("seen enough") : absl::OkStatus();
  });
  EXPECT_EQ(status, absl::CancelledError("seen enough"));
  EXPECT_THAT(users, ElementsAre("u-1", "u-2", "u-3", "u-4"));
  EXPECT_THAT(tokens, ElementsAre("/after", "t-1/", "t-2/", "t-3/"));
}

TEST_F(QueryClientTest, AWatchWhoseResumeTokenIsTooOldEnds) {
  fake_.watch = [&](const v1::WatchUsersRequest&, grpc::ServerWriter<v1::WatchUsersResponse>*) {
    return FakeError{grpc::StatusCode::OUT_OF_RANGE, "too old", "RESUME_TOKEN_TOO_OLD"}.Grpc();
  };
  const absl::Status status = client().WatchUsers({}, [](const auto&) { return absl::OkStatus(); });
  EXPECT_EQ(GetErrorDetails(status)->reason, "RESUME_TOKEN_TOO_OLD");
}

TEST_F(QueryClientTest, AWatchThatNeverConnectsGivesUpAfterTheTimeout) {
  fake_.Stop();
  options_.timeout = absl::Milliseconds(100);
  const absl::Status status = client().WatchUsers({}, [](const auto&) { return absl::OkStatus(); });
  EXPECT_EQ(GetErrorDetails(status)->reason, kUnreachable);
}

TEST_F(QueryClientTest, AListThatIsCutAfterItsLastRowIsComplete) {
  int calls = 0;
  fake_.list = [&](const v1::ListUsersRequest&, grpc::ServerWriter<v1::ListUsersResponse>* out) {
    ++calls;
    v1::ListUsersResponse page;
    page.add_users();
    page.set_next_page_token("more");
    out->Write(page);
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut");
  };
  v1::ListUsersRequest request;
  request.set_limit(1);
  int rows = 0;
  ASSERT_TRUE(client()
                  .ListUsers(request,
                             [&](const auto& page) {
                               rows += page.users_size();
                               return absl::OkStatus();
                             })
                  .ok());
  EXPECT_EQ(rows, 1);
  EXPECT_EQ(calls, 1);
}

TEST_F(QueryClientTest, AListStopsWhereItsReaderStops) {
  fake_.list = [&](const v1::ListUsersRequest&, grpc::ServerWriter<v1::ListUsersResponse>* out) {
    v1::ListUsersResponse page;
    page.set_next_page_token("more");
    while (out->Write(page)) {
    }
    return grpc::Status::CANCELLED;
  };
  const absl::Status status =
      client().ListUsers({}, [](const auto&) { return absl::DataLossError("the disk is full"); });
  EXPECT_EQ(status, absl::DataLossError("the disk is full"));
}

TEST_F(QueryClientTest, AListThatWaitsForATokenHasADeadlineUntilItHasBegun) {
  options_.timeout = absl::Milliseconds(200);
  std::vector<std::string> page_tokens;
  fake_.list = [&](const v1::ListUsersRequest& request, grpc::ServerWriter<v1::ListUsersResponse>* out) {
    page_tokens.push_back(request.page_token());
    v1::ListUsersResponse page;
    page.add_users();
    if (page_tokens.size() == 1) page.set_next_page_token("p-1");
    out->Write(page);
    // As the client sees it when a long list outlasts the deadline.
    return page_tokens.size() == 1 ? grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "") : grpc::Status::OK;
  };
  v1::ListUsersRequest request;
  request.set_read_after("token");
  bool waited = false;
  options_.wait = [&](absl::Duration) { waited = true; };
  int rows = 0;
  ASSERT_TRUE(client()
                  .ListUsers(request,
                             [&](const auto& page) {
                               rows += page.users_size();
                               return absl::OkStatus();
                             })
                  .ok());
  EXPECT_EQ(rows, 2);
  EXPECT_THAT(page_tokens, ElementsAre("", "p-1"));
  EXPECT_FALSE(waited);
}

TEST_F(QueryClientTest, AListThatStallsEndsWithTheTimeout) {
  options_.timeout = absl::Milliseconds(100);
  fake_.list = [&](const v1::ListUsersRequest&, grpc::ServerWriter<v1::ListUsersResponse>*) {
    done_.WaitForNotification();
    return grpc::Status::OK;
  };
  const absl::Status status = client().ListUsers({}, [](const auto&) { return absl::OkStatus(); });
  done_.Notify();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace roster::client
