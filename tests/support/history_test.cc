// The checker must find each fault that it is there for: each is planted in a history that is right otherwise.
#include "tests/support/history.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "user-event/event_for_test.h"

namespace roster::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using user_event::NextEventForTest;
using user_event::SignUpEventForTest;

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() {
    Add(SignUpEventForTest("ada", "a@x", 1));
    Add(NextEventForTest(events_[0].event, v1::USER_STATUS_DELETED, 2));
    Add(SignUpEventForTest("bob", "A@x", 3));
    for (const LoggedEvent& logged : events_) {
      history_.AddAcknowledged(
          {logged.event.request_id(), logged.event.event_id(), logged.location, logged.event.user()});
    }
    history_.AddRefused("refused");
  }
  void Add(v1::UserEvent event) {
    event.set_request_id("request-" + event.event_id());
    events_.push_back({event, {0, static_cast<int64_t>(events_.size()) + 1}});
  }
  v1::UserEvent& event(int index) { return events_[index].event; }

  std::vector<LoggedEvent> events_;
  History history_;
};

TEST_F(HistoryTest, RightHistoryHasNoFaults) { EXPECT_THAT(CheckLog(events_, history_), IsEmpty()); }

TEST_F(HistoryTest, LostCommandIsFound) {
  events_.pop_back();
  EXPECT_THAT(CheckLog(events_, history_), ElementsAre(HasSubstr("is not on the log")));
}

TEST_F(HistoryTest, CommandRecordedTwiceIsFound) {
  v1::UserEvent again = SignUpEventForTest("eve", "e@x", 4);
  Add(again);
  event(3).set_request_id(event(2).request_id());
  EXPECT_THAT(CheckLog(events_, history_), ElementsAre(HasSubstr("was recorded twice")));
}

TEST_F(HistoryTest, RefusedCommandOnTheLogIsFound) {
  Add(SignUpEventForTest("eve", "e@x", 4));
  event(3).set_request_id("refused");
  EXPECT_THAT(CheckLog(events_, history_), ElementsAre(HasSubstr("refused command")));
}

TEST_F(HistoryTest, AddressHeldTwiceIsFound) {
  Add(SignUpEventForTest("eve", "a@X", 4));
  EXPECT_THAT(CheckLog(events_, history_), ElementsAre(HasSubstr("hold one address")));
}

TEST_F(HistoryTest, VersionGapIsFound) {
  Add(NextEventForTest(event(2), v1::USER_STATUS_ACTIVE, 4));
  event(3).mutable_user()->set_version(3);
  EXPECT_THAT(CheckLog(events_, history_), ElementsAre(HasSubstr("version 3 follows 1")));
}

TEST_F(HistoryTest, WrongAnswerIsFound) {
  events_[0].location.offset = 99;
  event(2).mutable_user()->set_display_name("other");
  EXPECT_THAT(CheckLog(events_, history_), ElementsAre(HasSubstr("stands elsewhere"), HasSubstr("another user")));
}

TEST_F(HistoryTest, TimeAndSequenceThatGoBackAreFound) {
  event(2).set_sequence(2);
  event(2).mutable_occurred_at()->set_seconds(1);
  EXPECT_THAT(CheckLog(events_, history_), ElementsAre(HasSubstr("sequence 2 follows 2"), HasSubstr("earlier than")));
}

TEST_F(HistoryTest, ReadModelThatDiffersIsFound) {
  const auto fold = FoldUsers(events_);
  EXPECT_THAT(CompareUsers(fold, fold), IsEmpty());
  auto other = fold;
  other.erase("ada");
  other["bob"].set_display_name("other");
  other["eve"].set_user_id("eve");
  EXPECT_THAT(CompareUsers(other, fold),
              ElementsAre(HasSubstr("ada is missing"), HasSubstr("bob has version"), HasSubstr("eve is none")));
}

}  // namespace
}  // namespace roster::test
