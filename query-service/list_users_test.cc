#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "base/consistency_token.h"
#include "gmock/gmock.h"
#include "query-service/list_page_token.h"
#include "query-service/query_service_for_test.h"

namespace roster::query_service {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Listed {
  std::vector<std::string> user_ids;
  std::vector<v1::ListUsersResponse> pages;
  grpc::Status status;
};

class ListUsersTest : public QueryServiceTest {
 protected:
  Listed List(const v1::ListUsersRequest& request) {
    Listed listed;
    grpc::ClientContext context;
    SetDeadline(context);
    auto stream = stub_->ListUsers(&context, request);
    v1::ListUsersResponse page;
    while (stream->Read(&page)) {
      for (const v1::User& user : page.users()) listed.user_ids.push_back(user.user_id());
      listed.pages.push_back(page);
    }
    listed.status = stream->Finish();
    return listed;
  }

  // Users u000, u001, ... in order of creation; three share each moment of creation.
  void PutUsers(int count) {
    projector_->Commit([&] {
      for (int i = 0; i < count; ++i) {
        projector_->Put(absl::StrFormat("u%03d", i), absl::StrFormat("M%03d@example.com", (i * 7) % count),
                        i % 5 == 4 ? v1::USER_STATUS_INACTIVE : v1::USER_STATUS_ACTIVE, 1 + i / 3);
      }
    });
  }

  static v1::ListUsersRequest Ordered(const std::string& order_by, int page_size = 0) {
    v1::ListUsersRequest request;
    request.set_order_by(order_by);
    request.set_page_size(page_size);
    return request;
  }
};

TEST_F(ListUsersTest, EveryOrderListsEachUserOnceInOrderAtAnyPageSize) {
  ServeReady();
  PutUsers(50);
  std::vector<std::string> by_id;
  std::vector<std::pair<std::string, std::string>> by_email;
  for (const auto& [user_id, user] : projector_->users()) {
    by_id.push_back(user_id);
    by_email.push_back({absl::AsciiStrToLower(user.email()), user_id});
  }
  std::sort(by_email.begin(), by_email.end());
  std::vector<std::string> email_order;
  for (const auto& [email, user_id] : by_email) email_order.push_back(user_id);
  const auto reversed = [](std::vector<std::string> ids) {
    std::reverse(ids.begin(), ids.end());
    return ids;
  };
  const std::map<std::string, std::vector<std::string>> expected = {{"", by_id},
                                                                    {"create_time", by_id},
                                                                    {"create_time desc", reversed(by_id)},
                                                                    {"user_id", by_id},
                                                                    {"user_id desc", reversed(by_id)},
                                                                    {"email", email_order},
                                                                    {"email desc", reversed(email_order)}};
  for (const auto& [order_by, ids] : expected) {
    for (const int page_size : {0, 1, 2, 7, 49, 50, 51, 5000}) {
      const Listed listed = List(Ordered(order_by, page_size));
      ASSERT_TRUE(listed.status.ok()) << listed.status.error_message();
      EXPECT_EQ(listed.user_ids, ids) << order_by << " by " << page_size;
      EXPECT_EQ(listed.pages.back().next_page_token(), "");
      for (size_t i = 0; i + 1 < listed.pages.size(); ++i) EXPECT_NE(listed.pages[i].next_page_token(), "");
    }
  }
}

TEST_F(ListUsersTest, EveryPageTokenContinuesInAnotherCall) {
  ServeReady();
  PutUsers(30);
  for (const char* order_by : {"create_time", "create_time desc", "email", "email desc", "user_id", "user_id desc"}) {
    v1::ListUsersRequest request = Ordered(order_by, 4);
    const std::vector<std::string> all = List(request).user_ids;
    std::vector<std::string> pieced;
    request.set_limit(4);
    do {
      const Listed listed = List(request);
      ASSERT_TRUE(listed.status.ok()) << listed.status.error_message();
      pieced.insert(pieced.end(), listed.user_ids.begin(), listed.user_ids.end());
      request.set_page_token(listed.pages.back().next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(pieced, all) << order_by;
  }
}

TEST_F(ListUsersTest, EmptyListHasOneMessage) {
  ServeReady();
  const Listed listed = List({});
  ASSERT_TRUE(listed.status.ok());
  ASSERT_EQ(listed.pages.size(), 1);
  EXPECT_EQ(listed.pages[0].users_size(), 0);
  EXPECT_EQ(listed.pages[0].next_page_token(), "");
  EXPECT_EQ(DecodeConsistencyToken(listed.pages[0].consistency_token()).value(), projector_->position());
  EXPECT_TRUE(listed.pages[0].has_fresh_as_of());
}

TEST_F(ListUsersTest, StatusesDecideAloneWhereTheyAreSet) {
  ServeReady();
  projector_->Commit([&] {
    projector_->Put("active", "a@example.com");
    projector_->Put("inactive", "i@example.com", v1::USER_STATUS_INACTIVE);
    projector_->Put("deleted", "d@example.com");
    projector_->Delete("deleted");
  });
  EXPECT_THAT(List({}).user_ids, ElementsAre("active", "inactive"));
  v1::ListUsersRequest request;
  request.set_show_deleted(true);
  EXPECT_THAT(List(request).user_ids, ElementsAre("active", "inactive", "deleted"));
  request.mutable_filter()->add_statuses(v1::USER_STATUS_INACTIVE);
  EXPECT_THAT(List(request).user_ids, ElementsAre("inactive"));
  request.mutable_filter()->add_statuses(v1::USER_STATUS_DELETED);
  request.set_show_deleted(false);
  EXPECT_THAT(List(request).user_ids, ElementsAre("inactive", "deleted"));
  request.set_order_by("email");
  EXPECT_THAT(List(request).user_ids, ElementsAre("inactive"));
}

TEST_F(ListUsersTest, EmailPrefixIsComparedInLowerCaseAndExactly) {
  ServeReady();
  projector_->Commit([&] {
    projector_->Put("1", "anna@example.com");
    projector_->Put("2", "ANNE@example.com");
    projector_->Put("3", "ann%@example.com");
    projector_->Put("4", "ano@example.com");
    projector_->Put("5", "ann\xc3\xa9@example.com");
    projector_->Put("6", "an@example.com");
  });
  for (const char* order_by : {"user_id", "create_time"}) {
    v1::ListUsersRequest request = Ordered(order_by);
    request.mutable_filter()->set_email_prefix("Ann");
    EXPECT_THAT(List(request).user_ids, ElementsAre("1", "2", "3", "5"));
    request.mutable_filter()->set_email_prefix("ann%");
    EXPECT_THAT(List(request).user_ids, ElementsAre("3"));
  }
  v1::ListUsersRequest request = Ordered("email");
  request.mutable_filter()->set_email_prefix("aNN");
  EXPECT_THAT(List(request).user_ids, ElementsAre("3", "1", "2", "5"));
  request.set_order_by("email desc");
  EXPECT_THAT(List(request).user_ids, ElementsAre("5", "2", "1", "3"));
}

TEST_F(ListUsersTest, TimesOfCreationBoundTheList) {
  ServeReady();
  PutUsers(12);  // u000-u002 at second 1, u003-u005 at second 2, ...
  for (const char* order_by : {"create_time", "email", "user_id"}) {
    v1::ListUsersRequest request = Ordered(order_by);
    request.mutable_filter()->mutable_created_after()->set_seconds(1'700'000'002);
    request.mutable_filter()->mutable_created_before()->set_seconds(1'700'000'003);
    std::vector<std::string> ids = List(request).user_ids;
    std::sort(ids.begin(), ids.end());
    EXPECT_THAT(ids, ElementsAre("u003", "u004", "u005")) << order_by;
    request.mutable_filter()->mutable_created_after()->set_nanos(1);
    EXPECT_THAT(List(request).user_ids, IsEmpty());
  }
  v1::ListUsersRequest request = Ordered("create_time desc", 2);
  request.mutable_filter()->mutable_created_before()->set_seconds(1'700'000'002);
  EXPECT_THAT(List(request).user_ids, ElementsAre("u002", "u001", "u000"));
}

TEST_F(ListUsersTest, FilterThatFewMatchFindsThemAmongMany) {
  ServeReady();
  projector_->Commit([&] {
    for (int i = 0; i < 20'000; ++i)
      projector_->Put(absl::StrFormat("u%05d", i), absl::StrFormat("m%05d@example.com", i));
    projector_->Put("needle", "needle@example.com");
  });
  v1::ListUsersRequest request;
  request.mutable_filter()->set_email_prefix("needle");
  const Listed listed = List(request);
  EXPECT_THAT(listed.user_ids, ElementsAre("needle"));
  EXPECT_EQ(listed.pages.size(), 1);
}

TEST_F(ListUsersTest, LimitCutsTheListAndItsTokenGoesOn) {
  ServeReady();
  PutUsers(10);
  v1::ListUsersRequest request = Ordered("user_id", 3);
  request.set_limit(5);
  const Listed first = List(request);
  EXPECT_THAT(first.user_ids, ElementsAre("u000", "u001", "u002", "u003", "u004"));
  request.set_page_token(first.pages.back().next_page_token());
  const Listed second = List(request);
  EXPECT_THAT(second.user_ids, ElementsAre("u005", "u006", "u007", "u008", "u009"));
  EXPECT_EQ(second.pages.back().next_page_token(), "");
}

TEST_F(ListUsersTest, BadFieldsAreListedAllAtOnce) {
  ServeReady();
  v1::ListUsersRequest request;
  request.mutable_filter()->add_statuses(v1::USER_STATUS_UNSPECIFIED);
  request.mutable_filter()->set_email_prefix(std::string(255, 'a'));
  request.mutable_filter()->mutable_created_after()->set_nanos(-1);
  request.mutable_filter()->mutable_created_before()->set_seconds(1LL << 60);
  request.set_order_by("display_name");
  request.set_page_size(-1);
  request.set_limit(-1);
  const grpc::Status status = List(request).status;
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
  EXPECT_THAT(BadFieldsOf(status), ElementsAre("filter.statuses", "filter.email_prefix", "filter.created_after",
                                               "filter.created_before", "order_by", "page_size", "limit"));
}

TEST_F(ListUsersTest, PageTokenIsBoundToFilterAndOrder) {
  ServeReady();
  PutUsers(10);
  v1::ListUsersRequest request = Ordered("user_id", 3);
  request.set_limit(3);
  const std::string token = List(request).pages.back().next_page_token();
  const auto reason = [&](const std::function<void(v1::ListUsersRequest&)>& change) {
    v1::ListUsersRequest other = request;
    other.set_page_token(token);
    change(other);
    return ReasonOf(List(other).status);
  };
  EXPECT_EQ(reason([](auto& other) { other.set_page_size(1); }), "");
  EXPECT_EQ(reason([](auto& other) { other.set_order_by("user_id desc"); }), "INVALID_TOKEN");
  EXPECT_EQ(reason([](auto& other) { other.set_show_deleted(true); }), "INVALID_TOKEN");
  EXPECT_EQ(reason([](auto& other) { other.mutable_filter()->set_email_prefix("m"); }), "INVALID_TOKEN");
  EXPECT_EQ(reason([](auto& other) { other.mutable_filter()->mutable_created_after()->set_seconds(1); }),
            "INVALID_TOKEN");
  EXPECT_EQ(reason([](auto& other) { other.set_page_token("nonsense"); }), "INVALID_TOKEN");
  EXPECT_EQ(reason([](auto& other) { other.set_page_token(other.page_token().substr(1)); }), "INVALID_TOKEN");
  // A token of another kind.
  EXPECT_EQ(reason([&](auto& other) { other.set_page_token(EncodeConsistencyToken(projector_->position())); }),
            "INVALID_TOKEN");
}

TEST_F(ListUsersTest, PageTokenFromAheadWaitsLikeReadAfter) {
  options_.max_wait_ms = 50;
  ServeReady();
  PutUsers(3);
  read_model::UserScan scan{.order = read_model::UserOrder::kUserId};
  scan.statuses.Add(v1::USER_STATUS_ACTIVE);
  scan.statuses.Add(v1::USER_STATUS_INACTIVE);
  Position ahead = projector_->position();
  ++ahead.next_offsets[0];
  v1::ListUsersRequest request = Ordered("user_id");
  request.set_page_token(EncodePageToken(scan, {.position = ahead, .next = {.user_id = "u001"}}));
  EXPECT_EQ(ReasonOf(List(request).status), "NOT_YET_VISIBLE");
  projector_->Commit([&] { projector_->Put("u003", "u003@example.com"); });
  EXPECT_THAT(List(request).user_ids, ElementsAre("u001", "u002", "u003"));
  ahead.log_id = "0190a000-0000-7000-8000-000000000002";
  request.set_page_token(EncodePageToken(scan, {.position = ahead}));
  EXPECT_EQ(ReasonOf(List(request).status), "FOREIGN_TOKEN");
}

TEST_F(ListUsersTest, ReadAfterHoldsForTheWholeList) {
  ServeReady();
  PutUsers(3);
  v1::ListUsersRequest request;
  request.set_read_after(EncodeConsistencyToken(projector_->position()));
  EXPECT_EQ(List(request).user_ids.size(), 3);
  projector_->Commit([&] { projector_->PutDeadLetter(std::nullopt); });
  EXPECT_EQ(List(request).user_ids.size(), 3);
  request.set_read_after(EncodeConsistencyToken(projector_->position()));
  EXPECT_EQ(ReasonOf(List(request).status), "HELD_BY_DEAD_LETTER");
}

TEST_F(ListUsersTest, SlowReaderHoldsUpNobodyAndGetsAll) {
  options_.workers = 1;
  ServeReady();
  projector_->Commit([&] {
    for (int i = 0; i < 5000; ++i)
      projector_->Put(absl::StrFormat("u%05d", i), std::string(4000, 'a') + absl::StrFormat("%d@example.com", i));
  });
  grpc::ClientContext context;
  auto stream = stub_->ListUsers(&context, Ordered("user_id", 100));
  v1::ListUsersResponse page;
  ASSERT_TRUE(stream->Read(&page));
  int users = page.users_size();
  // The list cannot go on while nobody reads it: what is not read yet is more than fits into the connection's window.
  for (int i = 0; i < 100; ++i) {
    v1::GetUserResponse response;
    ASSERT_TRUE(GetUser(ById("u00001"), &response).ok());
  }
  // No snapshot is held meanwhile: all of the write-ahead log can be wound up.
  projector_->Commit([&] { projector_->Delete("u04999"); });
  while (stream->Read(&page)) users += page.users_size();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(users, 4999);
}

TEST_F(ListUsersTest, MoreThanTheLimitOfOpenListsIsOverloaded) {
  options_.max_lists = 1;
  ServeReady();
  projector_->Commit([&] {
    for (int i = 0; i < 3000; ++i)
      projector_->Put(absl::StrFormat("u%05d", i), std::string(4000, 'a') + absl::StrFormat("%d@example.com", i));
  });
  grpc::ClientContext context;
  auto stream = stub_->ListUsers(&context, Ordered("user_id", 10));
  v1::ListUsersResponse page;
  ASSERT_TRUE(stream->Read(&page));
  const grpc::Status status = List({}).status;
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "OVERLOADED");
  while (stream->Read(&page)) {
  }
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace roster::query_service
