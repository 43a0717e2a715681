#include "command-service/batch_state.h"

#include <deque>

#include "command-service/state_for_test.h"
#include "gtest/gtest.h"
#include "user-event/event_for_test.h"

namespace roster::command {
namespace {

using user_event::NextEventForTest;
using user_event::SignUpEventForTest;

class BatchStateTest : public testing::Test {
 protected:
  const v1::UserEvent& Add(v1::UserEvent event) {
    events_.push_back(std::move(event));
    state_.Add(events_.back());
    return events_.back();
  }
  std::string OwnerOf(const std::string& email) { return state_.FindEmailOwner(email).value().value_or("nobody"); }

  StateForTest folded_;
  std::deque<v1::UserEvent> events_;
  BatchState state_{folded_};
};

TEST_F(BatchStateTest, WhatWasFoldedShowsThrough) {
  folded_.Put(SignUpEventForTest("ada", "ada@x").user());
  EXPECT_EQ(state_.FindUser("ada").value()->email(), "ada@x");
  EXPECT_EQ(OwnerOf("ada@x"), "ada");
  EXPECT_EQ(OwnerOf("other@x"), "nobody");
}

TEST_F(BatchStateTest, AddressMovesBetweenUsersWithinTheBatch) {
  const v1::UserEvent ada = SignUpEventForTest("ada", "a@x");
  folded_.Put(ada.user());
  v1::UserEvent moved = NextEventForTest(ada, v1::USER_STATUS_ACTIVE, 2);
  moved.mutable_user()->set_email("b@x");
  Add(moved);
  EXPECT_EQ(OwnerOf("a@x"), "nobody");
  EXPECT_EQ(OwnerOf("b@x"), "ada");
  const v1::UserEvent& rival = Add(SignUpEventForTest("rival", "A@x", 3));
  EXPECT_EQ(OwnerOf("a@x"), "rival");
  Add(NextEventForTest(rival, v1::USER_STATUS_DELETED, 4));
  EXPECT_EQ(OwnerOf("a@x"), "nobody");
  v1::UserEvent back = NextEventForTest(moved, v1::USER_STATUS_ACTIVE, 5);
  back.mutable_user()->set_email("a@x");
  Add(back);
  EXPECT_EQ(OwnerOf("a@x"), "ada");
  EXPECT_EQ(OwnerOf("b@x"), "nobody");
}

TEST_F(BatchStateTest, DeletionWithinTheBatchFreesTheAddress) {
  const v1::UserEvent ada = SignUpEventForTest("ada", "a@x");
  folded_.Put(ada.user());
  Add(NextEventForTest(ada, v1::USER_STATUS_DELETED, 2));
  EXPECT_EQ(OwnerOf("a@x"), "nobody");
  EXPECT_EQ(state_.FindUser("ada").value()->status(), v1::USER_STATUS_DELETED);
}

TEST_F(BatchStateTest, RequestWithinTheBatchHasNoLocationYet) {
  v1::UserEvent event = SignUpEventForTest("ada", "a@x");
  event.set_request_id("r");
  event.set_request_fingerprint("f");
  Add(event);
  const auto found = state_.FindRequest("r").value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->event_id, event.event_id());
  EXPECT_EQ(found->fingerprint, "f");
  EXPECT_EQ(found->location, std::nullopt);
  EXPECT_FALSE(state_.FindRequest("other").value().has_value());
}

}  // namespace
}  // namespace roster::command
