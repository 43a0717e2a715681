// The checker is believed only because it finds what it is there for: each fault is planted in a run that is right
// otherwise.
#include "tests/chaos/checker.h"

#include <utility>

#include "base/consistency_token.h"
#include "base/temp_dir.h"
#include "gmock/gmock.h"
#include "grpcpp/support/status_code_enum.h"
#include "gtest/gtest.h"
#include "user-event/event_for_test.h"

namespace roster::test::chaos {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using user_event::NextEventForTest;
using user_event::SignUpEventForTest;

constexpr char kLogId[] = "0190163d-8694-739b-aea5-966c26f8ad91";

// A log of two partitions and a run of one caller, one command a second: ada signs up (partition 0), moves to another
// address, bob (partition 1) takes her first one, and she is deleted.
class CheckerTest : public testing::Test {
 protected:
  CheckerTest() {
    run_.log_id = kLogId;
    Add(SignUpEventForTest("ada", "a@x", 1), 0);
    v1::UserEvent moved = NextEventForTest(event(0), v1::USER_STATUS_ACTIVE, 2);
    moved.mutable_user()->set_email("new@x");
    Add(moved, 0);
    Add(SignUpEventForTest("bob", "A@x", 3), 1);
    Add(NextEventForTest(event(1), v1::USER_STATUS_DELETED, 4), 0);
    for (size_t i = 0; i < events_.size(); ++i) AddCommand(events_[i]);
    AddFinalReadModel();
    for (const LoggedEvent& logged : events_) AddWatched(logged.event.user());
  }

  void Add(v1::UserEvent event, int32_t partition) {
    event.set_request_id("request-" + event.event_id());
    events_.push_back({event, {partition, ++next_offsets_[partition]}});
  }
  v1::UserEvent& event(size_t index) { return events_[index].event; }

  // A call that takes the middle of a second; they are a second apart unless `at_s` says otherwise.
  Call& AddCall(int64_t at_s = 0) {
    Call& call = run_.calls.emplace_back();
    if (at_s == 0) at_s = static_cast<int64_t>(run_.calls.size());
    call.set_started_us(at_s * 1'000'000);
    call.set_ended_us(at_s * 1'000'000 + 500'000);
    return call;
  }
  void AddCommand(const LoggedEvent& logged) {
    Call& call = AddCall();
    const v1::UserEvent& event = logged.event;
    if (event.has_signed_up()) {
      auto& request = *call.mutable_sign_up()->mutable_request();
      request.set_user_id(event.user_id());
      request.set_email(event.user().email());
      request.set_display_name(event.user().display_name());
      Answer(logged, request, *call.mutable_sign_up()->mutable_response());
    } else if (event.has_updated()) {
      auto& request = *call.mutable_update()->mutable_request();
      request.mutable_user()->set_user_id(event.user_id());
      request.mutable_user()->set_email(event.user().email());
      request.mutable_update_mask()->add_paths("email");
      Answer(logged, request, *call.mutable_update()->mutable_response());
    } else {
      auto& request = *call.mutable_delete_()->mutable_request();
      request.set_user_id(event.user_id());
      Answer(logged, request, *call.mutable_delete_()->mutable_response());
    }
  }
  template <typename Request, typename Response>
  void Answer(const LoggedEvent& logged, Request& request, Response& response) {
    request.set_request_id(logged.event.request_id());
    response.set_event_id(logged.event.event_id());
    response.set_partition(logged.location.partition);
    response.set_offset(logged.location.offset);
    *response.mutable_user() = logged.event.user();
  }
  Call& AddRefusedSignUp(const std::string& email, const std::string& reason, int64_t at_s) {
    Call& call = AddCall(at_s);
    call.set_code(grpc::StatusCode::ALREADY_EXISTS);
    call.set_reason(reason);
    call.mutable_sign_up()->mutable_request()->set_email(email);
    call.mutable_sign_up()->mutable_request()->set_request_id("refused");
    return call;
  }

  // A position after the first `counts` records of each partition; offset 0 holds no event.
  static std::string Token(int64_t count0, int64_t count1) {
    return EncodeConsistencyToken({kLogId, {count0 + 1, count1 + 1}});
  }
  Call& AddGet(const std::string& user_id, const v1::User& found, const std::string& token) {
    Call& call = AddCall();
    call.mutable_get()->mutable_request()->set_user_id(user_id);
    *call.mutable_get()->mutable_response()->mutable_user() = found;
    call.mutable_get()->mutable_response()->set_consistency_token(token);
    return call;
  }
  Call& AddNotFound(const std::string& read_after) {
    Call& call = AddCall();
    call.set_code(grpc::StatusCode::NOT_FOUND);
    call.set_reason("USER_NOT_FOUND");
    call.mutable_get()->mutable_request()->set_read_after(read_after);
    return call;
  }
  List& AddList(const std::string& prefix) {
    Call& call = AddCall();
    call.mutable_list()->mutable_request()->mutable_filter()->set_email_prefix(prefix);
    return *call.mutable_list();
  }
  static void AddPage(List& list, const std::vector<v1::User>& users, const std::string& token) {
    v1::ListUsersResponse& page = *list.add_pages();
    for (const v1::User& user : users) *page.add_users() = user;
    page.set_consistency_token(token);
  }
  void AddWatched(const v1::User& user) { *run_.watch_messages.emplace_back().mutable_message()->add_users() = user; }
  void AddFinalReadModel() {
    FinalReadModel& read_model = run_.final_read_models.emplace_back();
    read_model.set_name("replica 0");
    for (const auto& [user_id, user] : FoldUsers(events_)) *read_model.add_users() = user;
  }

  std::vector<std::string> Check() const { return CheckRun(run_); }

  std::map<int32_t, int64_t> next_offsets_;
  RunRecord run_;
  std::vector<LoggedEvent>& events_ = run_.events;
};

TEST_F(CheckerTest, RightRunHasNoFaults) {
  AddRefusedSignUp("a@x", "EMAIL_TAKEN", 20);
  AddGet("ada", event(1).user(), Token(2, 0));
  AddNotFound(Token(3, 1)).mutable_get()->mutable_request()->set_user_id("ada");
  AddNotFound(Token(1, 0)).mutable_get()->mutable_request()->set_email("a@x");
  AddPage(AddList("a@"), {event(2).user()}, Token(3, 1));
  EXPECT_THAT(Check(), IsEmpty());
}

TEST_F(CheckerTest, AcknowledgedCommandThatIsNotOnTheLogIsFound) {
  events_.pop_back();
  EXPECT_THAT(Check(), Contains(HasSubstr("which is not on the log")));
}

TEST_F(CheckerTest, CommandThatIsOnTheLogTwiceIsFound) {
  Add(SignUpEventForTest("eve", "e@x", 5), 1);
  event(4).set_request_id(event(0).request_id());
  EXPECT_THAT(Check(), Contains(HasSubstr("was recorded twice")));
}

TEST_F(CheckerTest, RepeatAnsweredWithAnotherEventIsFound) {
  Call again = run_.calls[0];
  again.set_started_us(20'000'000);
  again.set_ended_us(21'000'000);
  again.mutable_sign_up()->mutable_response()->set_event_id("another");
  run_.calls.push_back(again);
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("was acknowledged as event another")));
}

TEST_F(CheckerTest, RefusedCommandThatIsOnTheLogIsFound) {
  AddRefusedSignUp("a@x", "EMAIL_TAKEN", 20)
      .mutable_sign_up()
      ->mutable_request()
      ->set_request_id(event(2).request_id());
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("but it is on the log")));
}

TEST_F(CheckerTest, AddressHeldTwiceIsFound) {
  event(1).mutable_user()->set_email("a@x");
  EXPECT_THAT(Check(), Contains(HasSubstr("hold one address at sequence 3")));
}

TEST_F(CheckerTest, UserVersionThatDoesNotCountUpByOneIsFound) {
  event(1).mutable_user()->set_version(3);
  EXPECT_THAT(Check(), Contains(HasSubstr("version 3 follows 1")));
}

TEST_F(CheckerTest, WritesInAnotherOrderThanTheirCallsAreFound) {
  // bob's sign-up as if it had been asked for, and answered, before ada's.
  run_.calls[2].set_started_us(1);
  run_.calls[2].set_ended_us(2);
  EXPECT_THAT(Check(), Contains(HasSubstr("began after the event with sequence 3 was known")));
}

TEST_F(CheckerTest, RefusalThatIsRightAtNoPointIsFound) {
  AddRefusedSignUp("nobody@x", "EMAIL_TAKEN", 20);
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("right at no point")));
}

TEST_F(CheckerTest, RefusalFromAnOutdatedStateIsFound) {
  // new@x was ada's until she was deleted, which was known by then: a deposed leader's answer.
  AddRefusedSignUp("new@x", "EMAIL_TAKEN", 20);
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("right at no point")));
}

TEST_F(CheckerTest, RefusalBeforeItsReasonIsFound) {
  // Ended before the call began that takes the address.
  Call& call = AddRefusedSignUp("new@x", "EMAIL_TAKEN", 20);
  call.set_started_us(1);
  call.set_ended_us(2);
  EXPECT_THAT(Check(), Contains(HasSubstr("began after the event with sequence 2 was known")));
}

TEST_F(CheckerTest, RefusalWhileItsReasonIsBeingRecordedIsRight) {
  Call& call = AddRefusedSignUp("new@x", "EMAIL_TAKEN", 20);
  call.set_started_us(run_.calls[1].started_us());
  call.set_ended_us(run_.calls[1].ended_us());
  EXPECT_THAT(Check(), IsEmpty());
}

TEST_F(CheckerTest, UpdateAcceptedWithAnOutdatedEtagIsFound) {
  run_.calls[1].mutable_update()->mutable_request()->mutable_user()->set_etag("etag-0");
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("should have been refused with ETAG_MISMATCH")));
}

TEST_F(CheckerTest, EventWithOtherContentThanAskedForIsFound) {
  run_.calls[0].mutable_sign_up()->mutable_request()->set_display_name("Grace");
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("does not hold what was asked for")));
}

TEST_F(CheckerTest, ReadWithATokenThatMissesItsWriteIsFound) {
  AddGet("ada", event(0).user(), Token(1, 0)).mutable_get()->mutable_request()->set_read_after(Token(2, 0));
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("older than its read_after")));
}

TEST_F(CheckerTest, ReadOfAnotherStateThanItsTokenSaysIsFound) {
  AddGet("ada", event(0).user(), Token(2, 0));
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("not what the log has there")));
}

TEST_F(CheckerTest, UserWhoIsThereButWasNotFoundIsFound) {
  AddNotFound(Token(0, 1)).mutable_get()->mutable_request()->set_user_id("bob");
  AddNotFound(Token(0, 1)).mutable_get()->mutable_request()->set_email("a@x");
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("did not find bob"), HasSubstr("by an address that is held")));
}

TEST_F(CheckerTest, ListThatLeavesOutAUserIsFound) {
  AddPage(AddList("a@"), {}, Token(3, 1));
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("did not list user bob")));
}

TEST_F(CheckerTest, ListThatShowsAUserTwiceIsFound) {
  List& list = AddList("a@");
  AddPage(list, {event(2).user()}, Token(3, 1));
  AddPage(list, {event(2).user()}, Token(3, 1));
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("twice")));
}

TEST_F(CheckerTest, ListThatGoesBackIsFound) {
  List& list = AddList("a@");
  AddPage(list, {event(2).user()}, Token(3, 1));
  AddPage(list, {}, Token(2, 1));
  EXPECT_THAT(Check(), Contains(HasSubstr("older than the page before")));
}

TEST_F(CheckerTest, WatchThatMissesALastStateIsFound) {
  run_.watch_messages.pop_back();
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("missed the last state of user ada")));
}

TEST_F(CheckerTest, WatchThatGoesBackIsFound) {
  AddWatched(event(0).user());
  EXPECT_THAT(Check(), Contains(HasSubstr("was sent version 1 of user ada after version 3")));
}

TEST_F(CheckerTest, UserTwiceInAMessageOfAWatchIsFound) {
  auto& message = *run_.watch_messages.back().mutable_message();
  *message.add_users() = message.users(0);
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("twice in a message")));
}

TEST_F(CheckerTest, WatchOfAStateThatNeverWasIsFound) {
  run_.watch_messages[1].mutable_message()->mutable_users(0)->set_email("other@x");
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("which the log never had")));
}

TEST_F(CheckerTest, ReadModelThatDiffersFromTheLogIsFound) {
  run_.final_read_models[0].mutable_users(0)->set_display_name("other");
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("replica 0: ")));
}

TEST_F(CheckerTest, WriteModelThatDiffersFromTheLogIsFound) {
  FinalWriteModel& write_model = run_.final_write_models.emplace_back();
  write_model.set_name("command-service-0");
  write_model.set_consistency_token(Token(1, 0));
  *write_model.add_users() = event(0).user();
  EXPECT_THAT(Check(), IsEmpty());
  write_model.set_consistency_token(Token(1, 1));
  EXPECT_THAT(Check(), ElementsAre(HasSubstr("command-service-0: ")));
}

TEST_F(CheckerTest, CompactionThatChangesTheFoldIsFound) {
  // The last record of a key is not its newest state.
  std::swap(events_[1].location, events_[3].location);
  EXPECT_THAT(Check(), Contains(HasSubstr("after compaction: ")));
}

TEST_F(CheckerTest, RecordIsReadAsItWasWritten) {
  TempDir dir;
  Recorder recorder(dir.File("run"));
  RunEntry entry;
  *entry.mutable_call() = run_.calls[0];
  recorder.Add(entry);
  *entry.mutable_watch_message() = run_.watch_messages[0];
  recorder.Add(entry);
  recorder.Flush();
  const absl::StatusOr<RunRecord> read = ReadRunRecord(dir.File("run"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->calls.size(), 1);
  EXPECT_EQ(read->calls[0].SerializeAsString(), run_.calls[0].SerializeAsString());
  EXPECT_EQ(read->watch_messages.size(), 1);
}

}  // namespace
}  // namespace roster::test::chaos
