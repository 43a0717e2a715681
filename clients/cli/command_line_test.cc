#include "clients/cli/command_line.h"

#include <algorithm>
#include <string>
#include <vector>

#include "clients/cli/command_line_fixture.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace roster::cli {
namespace {

using client::FakeError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class CommandLineTest : public CommandLineFixture {
 protected:
  // SignUpUser answers with a user, an offset and a token.
  void AcceptSignUps() {
    fake_.sign_up = [this](const v1::SignUpUserRequest& request, v1::SignUpUserResponse* response) {
      sign_up_ = request;
      response->mutable_user()->set_user_id("u-1");
      response->mutable_user()->set_email(request.email());
      response->mutable_user()->set_display_name(request.display_name());
      response->mutable_user()->set_status(v1::USER_STATUS_ACTIVE);
      response->mutable_user()->set_version(1);
      if (!request.validate_only()) response->set_event_id("e-1");
      response->set_partition(2);
      response->set_offset(41);
      response->set_consistency_token(Token(42));
      return grpc::Status::OK;
    };
  }

  v1::SignUpUserRequest sign_up_;
};

TEST_F(CommandLineTest, SignUpSendsWhatWasGivenAndPrintsPartitionAndOffset) {
  AcceptSignUps();
  const Result result = Run(
      {"signup", "--email", "ann@example.com", "--name", "Ann", "--label", "a=1", "--label", "b=2=3", "--id", "u-1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(sign_up_.email(), "ann@example.com");
  EXPECT_EQ(sign_up_.display_name(), "Ann");
  EXPECT_EQ(sign_up_.user_id(), "u-1");
  EXPECT_EQ(sign_up_.labels().at("a"), "1");
  EXPECT_EQ(sign_up_.labels().at("b"), "2=3");
  EXPECT_TRUE(IsUuid(sign_up_.request_id()));
  EXPECT_THAT(result.out, HasSubstr("user_id       u-1\n"));
  EXPECT_THAT(result.out, HasSubstr("partition     2\n"));
  EXPECT_THAT(result.out, HasSubstr("offset        41\n"));
  EXPECT_EQ(result.err, "");
}

TEST_F(CommandLineTest, SignUpAsJsonIsTheResponseInOneLine) {
  AcceptSignUps();
  const Result result = Run({"signup", "--email", "ann@example.com", "--output", "json", "--request-id", "r-1"});
  EXPECT_EQ(sign_up_.request_id(), "r-1");
  v1::SignUpUserResponse response;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(result.out, &response).ok()) << result.out;
  EXPECT_EQ(response.offset(), 41);
  EXPECT_EQ(response.user().email(), "ann@example.com");
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1);
}

TEST_F(CommandLineTest, ValidateOnlySaysThatNothingWasRecorded) {
  AcceptSignUps();
  const Result result = Run({"signup", "--email", "ann@example.com", "--validate-only"});
  EXPECT_TRUE(sign_up_.validate_only());
  EXPECT_THAT(result.out, HasSubstr("nothing (only validated)"));
  EXPECT_THAT(result.out, Not(HasSubstr("offset")));
}

TEST_F(CommandLineTest, UpdateMaskNamesExactlyWhatWasGiven) {
  v1::UpdateUserRequest sent;
  fake_.update = [&](const v1::UpdateUserRequest& request, v1::UpdateUserResponse*) {
    sent = request;
    return grpc::Status::OK;
  };
  const Result result = Run(
      {"update", "u-1", "--status", "inactive", "--name", "", "--label", "a=1", "--remove-label", "b", "--etag", "W1"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(sent.update_mask().paths(), UnorderedElementsAre("status", "display_name", "labels.a", "labels.b"));
  EXPECT_EQ(sent.user().status(), v1::USER_STATUS_INACTIVE);
  EXPECT_EQ(sent.user().etag(), "W1");
  EXPECT_EQ(sent.user().labels_size(), 1);
}

TEST_F(CommandLineTest, UpdateOfNothingIsAUsageErrorThatNamesTheOptions) {
  const Result result = Run({"update", "u-1"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--remove-label"));
}

TEST_F(CommandLineTest, BadFieldsAreASentenceEachAndExitCode2) {
  fake_.sign_up = [](const v1::SignUpUserRequest&, v1::SignUpUserResponse*) {
    return FakeError{grpc::StatusCode::INVALID_ARGUMENT,
                     "2 fields are malformed",
                     "INVALID_FIELD",
                     {},
                     {{"email", "has no '@'."}, {"display_name", "is longer than 256 bytes"}}}
        .Grpc();
  };
  const Result result = Run({"signup", "--email", "x"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err,
            "rosterctl: display_name: is longer than 256 bytes (INVALID_FIELD)\n"
            "rosterctl: email: has no '@' (INVALID_FIELD)\n");
  EXPECT_EQ(result.out, "");
}

TEST_F(CommandLineTest, ConflictsExitWith4AndMissingUsersWith3) {
  fake_.delete_user = [](const v1::DeleteUserRequest& request, v1::DeleteUserResponse*) {
    if (request.etag().empty()) {
      return FakeError{grpc::StatusCode::NOT_FOUND, "there is no such user", "USER_NOT_FOUND"}.Grpc();
    }
    return FakeError{grpc::StatusCode::ABORTED, "the etag is not current", "ETAG_MISMATCH", {{"current_etag", "W9"}}}
        .Grpc();
  };
  EXPECT_EQ(Run({"delete", "u-1"}).exit_code, 3);
  const Result conflict = Run({"delete", "u-1", "--etag", "W1"});
  EXPECT_EQ(conflict.exit_code, 4);
  EXPECT_THAT(conflict.err, HasSubstr("W9"));
}

TEST_F(CommandLineTest, AServiceThatIsNotThereIsNamedWithItsFlagAndExitCode5) {
  fake_.Stop();
  const Result result = Run({"get", "u-1", "--timeout", "0.2"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.err, HasSubstr("the query service at " + fake_.address()));
  EXPECT_THAT(result.err, HasSubstr("--query-service"));
  EXPECT_THAT(result.err, HasSubstr("roster-query-service"));
}

TEST_F(CommandLineTest, AReadIncludesTheLastWriteOfThisProfile) {
  AcceptSignUps();
  std::vector<std::string> read_afters;
  fake_.get = [&](const v1::GetUserRequest& request, v1::GetUserResponse*) {
    read_afters.push_back(request.read_after());
    return grpc::Status::OK;
  };
  Run({"signup", "--email", "ann@example.com"});
  Run({"get", "u-1"});
  Run({"get", "u-1", "--read-after", "none"});
  Run({"get", "u-1", "--read-after", Token(7)});
  Run({"get", "u-1", "--profile", "other"});
  EXPECT_THAT(read_afters, ElementsAre(Token(42), "", Token(7), ""));
}

TEST_F(CommandLineTest, ASavedTokenOfALogThatIsGoneIsForgottenAndTheReadMadeWithout) {
  AcceptSignUps();
  std::vector<std::string> read_afters;
  fake_.get = [&](const v1::GetUserRequest& request, v1::GetUserResponse* response) {
    read_afters.push_back(request.read_after());
    if (!request.read_after().empty()) {
      return FakeError{grpc::StatusCode::FAILED_PRECONDITION, "another log", "FOREIGN_TOKEN"}.Grpc();
    }
    response->mutable_user()->set_user_id("u-1");
    return grpc::Status::OK;
  };
  Run({"signup", "--email", "ann@example.com"});
  const Result result = Run({"get", "u-1"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("FOREIGN_TOKEN"));
  EXPECT_THAT(result.out, HasSubstr("u-1"));
  EXPECT_EQ(Run({"get", "u-1"}).err, "");
  EXPECT_THAT(read_afters, ElementsAre(Token(42), "", ""));

  const Result explicit_token = Run({"get", "u-1", "--read-after", Token(7)});
  EXPECT_EQ(explicit_token.exit_code, 1);
  EXPECT_THAT(explicit_token.err, HasSubstr("--read-after none"));
}

TEST_F(CommandLineTest, ListSendsItsFilterAndPrintsATable) {
  v1::ListUsersRequest sent;
  fake_.list = [&](const v1::ListUsersRequest& request, grpc::ServerWriter<v1::ListUsersResponse>* out) {
    sent = request;
    v1::ListUsersResponse page;
    v1::User& user = *page.add_users();
    user.set_user_id("u-1");
    user.set_email("ann@example.com");
    user.set_display_name("Ann\x1b[31m\nEve");
    user.set_status(v1::USER_STATUS_INACTIVE);
    out->Write(page);
    return grpc::Status::OK;
  };
  const Result result = Run({"list", "--status", "active", "--status", "inactive", "--email-prefix", "ann",
                             "--created-after", "2026-01-31T08:15:00+01:00", "--created-before", "2026-02-01",
                             "--order-by", "email desc", "--limit", "5", "--page-size", "2", "--show-deleted"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(sent.filter().statuses(), ElementsAre(v1::USER_STATUS_ACTIVE, v1::USER_STATUS_INACTIVE));
  EXPECT_EQ(sent.filter().email_prefix(), "ann");
  EXPECT_EQ(sent.filter().created_after().seconds(), 1769843700);
  EXPECT_EQ(sent.filter().created_before().seconds(), 1769904000);
  EXPECT_EQ(sent.order_by(), "email desc");
  EXPECT_EQ(sent.limit(), 5);
  EXPECT_EQ(sent.page_size(), 2);
  EXPECT_TRUE(sent.show_deleted());
  EXPECT_THAT(result.out, HasSubstr("USER_ID  EMAIL"));
  EXPECT_THAT(result.out, HasSubstr("u-1      ann@example.com"));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 2);
}

TEST_F(CommandLineTest, AListThatIsCutGoesOnAfterTheLastPage) {
  std::vector<std::string> tokens;
  std::vector<int64_t> limits;
  fake_.list = [&](const v1::ListUsersRequest& request, grpc::ServerWriter<v1::ListUsersResponse>* out) {
    tokens.push_back(request.page_token());
    limits.push_back(request.limit());
    v1::ListUsersResponse page;
    page.add_users()->set_user_id("u-" + std::to_string(tokens.size()));
    if (tokens.size() < 3) page.set_next_page_token("p-" + std::to_string(tokens.size()));
    out->Write(page);
    return tokens.size() < 3 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut") : grpc::Status::OK;
  };
  const Result result = Run({"list", "--output", "json", "--limit", "9"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(tokens, ElementsAre("", "p-1", "p-2"));
  EXPECT_THAT(limits, ElementsAre(9, 8, 7));
  EXPECT_THAT(result.out, HasSubstr("\"userId\":\"u-1\""));
  EXPECT_THAT(result.out, HasSubstr("\"userId\":\"u-3\""));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 3);
}

TEST_F(CommandLineTest, AnEmptyListIsATitleLineOrNothing) {
  fake_.list = [](const v1::ListUsersRequest&, grpc::ServerWriter<v1::ListUsersResponse>* out) {
    out->Write({});
    return grpc::Status::OK;
  };
  EXPECT_THAT(Run({"list"}).out, HasSubstr("USER_ID"));
  EXPECT_EQ(Run({"list", "--output", "json"}).out, "");
}

TEST_F(CommandLineTest, StatusShowsHealthAndTheReadModel) {
  fake_.status = [](v1::GetReadModelStatusResponse* response) {
    response->set_log_id(kLogId);
    auto& position = *response->add_positions();
    position.set_next_offset(12);
    auto& count = *response->add_user_counts();
    count.set_status(v1::USER_STATUS_ACTIVE);
    count.set_count(3);
    return grpc::Status::OK;
  };
  fake_.server().GetHealthCheckService()->SetServingStatus("roster.v1.UserCommandService", true);
  fake_.server().GetHealthCheckService()->SetServingStatus("roster.v1.UserQueryService", false);
  const Result standby = Run({"status"});
  EXPECT_EQ(standby.exit_code, 5);
  EXPECT_THAT(standby.out, HasSubstr("NOT_SERVING"));
  fake_.server().GetHealthCheckService()->SetServingStatus("roster.v1.UserQueryService", true);
  const Result result = Run({"status"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("3 active"));
  EXPECT_THAT(result.out, HasSubstr("0:12"));
  const Result json = Run({"status", "--output", "json"});
  EXPECT_THAT(json.out, HasSubstr("\"health\":\"SERVING\""));
  EXPECT_THAT(json.out, HasSubstr(kLogId));
}

TEST_F(CommandLineTest, AnArgumentThatIsNotUtf8IsAUsageError) {
  AcceptSignUps();
  const Result result = Run({"signup", "--email", "a@b", "--name", "\xff"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "rosterctl: '\xEF\xBF\xBD' is not UTF-8\n");
}

TEST_F(CommandLineTest, MalformedTimesAndAddressesAreUsageErrors) {
  const Result time = Run({"list", "--created-after", "yesterday"});
  EXPECT_EQ(time.exit_code, 2);
  EXPECT_THAT(time.err, HasSubstr("--created-after: 'yesterday'"));
  const Result address = Run({"get", "u-1", "--query-service", "a,,b"});
  EXPECT_EQ(address.exit_code, 2);
  EXPECT_THAT(address.err, HasSubstr("--query-service: 'a,,b' has an empty address"));
}

}  // namespace
}  // namespace roster::cli
