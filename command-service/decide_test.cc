#include "command-service/decide.h"

#include "base/error.h"
#include "command-service/fingerprint.h"
#include "command-service/state_for_test.h"
#include "gtest/gtest.h"

namespace roster::command {
namespace {

class DecideTest : public testing::Test {
 protected:
  absl::StatusOr<Decision> Try(const Command& command) {
    ++stamp_.sequence;
    stamp_.event_id = "event-" + std::to_string(stamp_.sequence);
    stamp_.new_user_id = "new-" + std::to_string(stamp_.sequence);
    return Decide(command, state_, stamp_);
  }
  // The event of a command that must pass; the state then holds it.
  v1::UserEvent Pass(const Command& command) {
    absl::StatusOr<Decision> decision = Try(command);
    EXPECT_TRUE(decision.ok()) << decision.status();
    v1::UserEvent event = std::get<Accepted>(*decision).event;
    state_.Put(event.user());
    return event;
  }
  std::string ReasonOf(const Command& command) {
    const absl::StatusOr<Decision> decision = Try(command);
    if (decision.ok()) return "";
    return GetErrorDetails(decision.status()).value_or(ErrorDetails{.reason = "no details"}).reason;
  }

  static v1::SignUpUserRequest SignUp(const std::string& email, const std::string& user_id = "") {
    v1::SignUpUserRequest request;
    request.set_email(email);
    request.set_user_id(user_id);
    return request;
  }
  static v1::UpdateUserRequest Update(const std::string& user_id, const std::string& path) {
    v1::UpdateUserRequest request;
    request.mutable_user()->set_user_id(user_id);
    request.mutable_update_mask()->add_paths(path);
    return request;
  }
  static v1::DeleteUserRequest Delete(const std::string& user_id) {
    v1::DeleteUserRequest request;
    request.set_user_id(user_id);
    return request;
  }

  StateForTest state_;
  Stamp stamp_{.occurred_at = absl::FromUnixMicros(1'700'000'000'123'456)};
};

TEST_F(DecideTest, SignUpMakesTheWholeUser) {
  auto request = SignUp("Ada@Example.com");
  request.set_display_name("Ada");
  (*request.mutable_labels())["team"] = "x";
  const v1::UserEvent event = Pass(&request);
  EXPECT_EQ(event.event_id(), "event-1");
  EXPECT_EQ(event.sequence(), 1);
  EXPECT_EQ(event.user_id(), "new-1");
  EXPECT_EQ(event.user_version(), 1);
  EXPECT_EQ(event.change_case(), v1::UserEvent::kSignedUp);
  EXPECT_EQ(event.occurred_at().seconds(), 1'700'000'000);
  EXPECT_EQ(event.occurred_at().nanos(), 123'456'000);
  EXPECT_EQ(event.user().email(), "Ada@Example.com");
  EXPECT_EQ(event.user().status(), v1::USER_STATUS_ACTIVE);
  EXPECT_EQ(event.user().version(), 1);
  EXPECT_EQ(event.user().labels().at("team"), "x");
  EXPECT_EQ(event.user().create_time().seconds(), event.user().update_time().seconds());
  EXPECT_FALSE(event.user().etag().empty());
  EXPECT_TRUE(event.request_id().empty());
  EXPECT_TRUE(event.request_fingerprint().empty());
}

TEST_F(DecideTest, AddressOfALiveUserIsTakenInAnyCaseAndFreeAfterItsRelease) {
  auto ada = SignUp("ada@example.com", "ada");
  Pass(&ada);
  auto rival = SignUp("ADA@EXAMPLE.COM", "rival");
  EXPECT_EQ(ReasonOf(&rival), "EMAIL_TAKEN");
  auto moved = Update("ada", "email");
  moved.mutable_user()->set_email("lovelace@example.com");
  Pass(&moved);
  Pass(&rival);
  auto back = Update("ada", "email");
  back.mutable_user()->set_email("ada@example.com");
  EXPECT_EQ(ReasonOf(&back), "EMAIL_TAKEN");
  auto gone = Delete("rival");
  Pass(&gone);
  Pass(&back);
}

TEST_F(DecideTest, UserKeepsTheirOwnAddress) {
  auto ada = SignUp("ada@example.com", "ada");
  Pass(&ada);
  auto same = Update("ada", "email");
  same.mutable_user()->set_email("Ada@Example.com");
  EXPECT_EQ(Pass(&same).user().email(), "Ada@Example.com");
}

TEST_F(DecideTest, UserIdIsNeverGivenTwice) {
  auto ada = SignUp("ada@example.com", "ada");
  Pass(&ada);
  auto again = SignUp("other@example.com", "ada");
  EXPECT_EQ(ReasonOf(&again), "USER_ID_TAKEN");
  auto gone = Delete("ada");
  Pass(&gone);
  EXPECT_EQ(ReasonOf(&again), "USER_ID_TAKEN");
}

TEST_F(DecideTest, UpdateSetsWhatTheMaskNamesAndCountsTheVersionUp) {
  auto ada = SignUp("ada@example.com", "ada");
  const std::string first_etag = Pass(&ada).user().etag();
  auto update = Update("ada", "status");
  update.mutable_user()->set_status(v1::USER_STATUS_INACTIVE);
  update.mutable_user()->set_display_name("ignored");
  const v1::UserEvent event = Pass(&update);
  EXPECT_EQ(event.user_version(), 2);
  EXPECT_EQ(event.user().version(), 2);
  EXPECT_EQ(event.user().status(), v1::USER_STATUS_INACTIVE);
  EXPECT_EQ(event.user().display_name(), "");
  EXPECT_EQ(event.user().email(), "ada@example.com");
  EXPECT_NE(event.user().etag(), first_etag);
  ASSERT_EQ(event.updated().changed_paths_size(), 1);
  EXPECT_EQ(event.updated().changed_paths(0), "status");
}

TEST_F(DecideTest, StarNamesAllFourFields) {
  auto ada = SignUp("ada@example.com", "ada");
  ada.set_display_name("Ada");
  (*ada.mutable_labels())["team"] = "x";
  Pass(&ada);
  auto update = Update("ada", "*");
  update.mutable_user()->set_email("l@example.com");
  update.mutable_user()->set_status(v1::USER_STATUS_ACTIVE);
  const v1::UserEvent event = Pass(&update);
  EXPECT_EQ(event.user().display_name(), "");
  EXPECT_EQ(event.user().labels_size(), 0);
  EXPECT_EQ(event.updated().changed_paths_size(), 4);
}

TEST_F(DecideTest, SingleLabelsAreSetAndRemoved) {
  auto ada = SignUp("ada@example.com", "ada");
  (*ada.mutable_labels())["team"] = "x";
  (*ada.mutable_labels())["old"] = "y";
  Pass(&ada);
  auto update = Update("ada", "labels.team");
  update.mutable_update_mask()->add_paths("labels.old");
  (*update.mutable_user()->mutable_labels())["team"] = "z";
  (*update.mutable_user()->mutable_labels())["not-named"] = "z";
  const v1::User user = Pass(&update).user();
  EXPECT_EQ(user.labels_size(), 1);
  EXPECT_EQ(user.labels().at("team"), "z");
}

TEST_F(DecideTest, SingleLabelsCannotPassTheLimit) {
  auto ada = SignUp("ada@example.com", "ada");
  for (int i = 0; i < 64; ++i) (*ada.mutable_labels())["k" + std::to_string(i)] = "";
  Pass(&ada);
  auto update = Update("ada", "labels.one-more");
  (*update.mutable_user()->mutable_labels())["one-more"] = "";
  EXPECT_EQ(ReasonOf(&update), "INVALID_FIELD");
}

TEST_F(DecideTest, UpdateThatChangesNothingIsAnEventToo) {
  auto ada = SignUp("ada@example.com", "ada");
  Pass(&ada);
  auto update = Update("ada", "display_name");
  EXPECT_EQ(Pass(&update).user_version(), 2);
}

TEST_F(DecideTest, DeletedUserIsKeptAsDeletedAndNotFoundByCommands) {
  auto ada = SignUp("ada@example.com", "ada");
  Pass(&ada);
  auto gone = Delete("ada");
  const v1::UserEvent event = Pass(&gone);
  EXPECT_EQ(event.user().status(), v1::USER_STATUS_DELETED);
  EXPECT_TRUE(event.user().has_delete_time());
  EXPECT_EQ(event.change_case(), v1::UserEvent::kDeleted);
  EXPECT_EQ(ReasonOf(&gone), "USER_NOT_FOUND");
  auto update = Update("ada", "display_name");
  EXPECT_EQ(ReasonOf(&update), "USER_NOT_FOUND");
  auto nobody = Delete("nobody");
  EXPECT_EQ(ReasonOf(&nobody), "USER_NOT_FOUND");
}

TEST_F(DecideTest, EtagMustBeTheCurrentOne) {
  auto ada = SignUp("ada@example.com", "ada");
  const std::string etag = Pass(&ada).user().etag();
  auto update = Update("ada", "display_name");
  update.mutable_user()->set_etag(etag);
  Pass(&update);
  EXPECT_EQ(ReasonOf(&update), "ETAG_MISMATCH");
  auto gone = Delete("ada");
  gone.set_etag(etag);
  EXPECT_EQ(ReasonOf(&gone), "ETAG_MISMATCH");
}

TEST_F(DecideTest, RepeatedRequestIdAnswersAsAtFirst) {
  auto ada = SignUp("ada@example.com", "ada");
  ada.set_request_id("r1");
  const v1::UserEvent event = Pass(&ada);
  EXPECT_EQ(event.request_id(), "r1");
  EXPECT_EQ(event.request_fingerprint(), Fingerprint(&ada));
  state_.PutRequest("r1",
                    {event.request_fingerprint(), event.user(), event.event_id(), event_log::RecordLocation{3, 7}});
  const auto decision = Try(&ada);
  ASSERT_TRUE(decision.ok()) << decision.status();
  const RecordedCommand& first = std::get<Repeated>(*decision).first;
  EXPECT_EQ(first.event_id, event.event_id());
  EXPECT_EQ(first.location, (event_log::RecordLocation{3, 7}));
  auto other = SignUp("other@example.com");
  other.set_request_id("r1");
  EXPECT_EQ(ReasonOf(&other), "REQUEST_ID_REUSED");
}

TEST_F(DecideTest, ChecksComeInTheirOrder) {
  auto ada = SignUp("ada@example.com", "ada");
  ada.set_request_id("r1");
  const v1::UserEvent event = Pass(&ada);
  state_.PutRequest("r1", {event.request_fingerprint(), event.user(), event.event_id(), event_log::RecordLocation{}});
  auto both = SignUp("ada@example.com", "ada");
  both.set_display_name("other");
  EXPECT_EQ(ReasonOf(&both), "USER_ID_TAKEN");  // before e-mail
  both.set_request_id("r1");
  EXPECT_EQ(ReasonOf(&both), "REQUEST_ID_REUSED");  // before user_id
  both.set_email("");
  EXPECT_EQ(ReasonOf(&both), "INVALID_FIELD");  // before request_id
  auto rival = SignUp("rival@example.com", "rival");
  Pass(&rival);
  auto update = Update("ada", "email");
  update.mutable_user()->set_email("rival@example.com");
  update.mutable_user()->set_etag("wrong");
  EXPECT_EQ(ReasonOf(&update), "ETAG_MISMATCH");  // before e-mail
}

}  // namespace
}  // namespace roster::command
