#include "event-log/tool/record_text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "user-event/event_for_test.h"
#include "user-event/write_record.h"

namespace roster::event_log::tool {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

StoredRecord SignUp() {
  v1::UserEvent event = user_event::SignUpEventForTest("u1", "ada@example.com", 7);
  event.set_request_id("r-1");
  StoredRecord record{.location = {2, 5}, .record = user_event::WriteRecord(event, "")};
  record.record.headers.push_back({"x-note", "ada@example.com"});
  return record;
}

TEST(RecordTextTest, UserEventIsShownWithoutPersonalData) {
  for (const bool json : {false, true}) {
    const std::string text = RecordText(SignUp(), {.json = json});
    EXPECT_THAT(text, AllOf(HasSubstr("event-u1-1"), HasSubstr("roster.user.signed_up.v1"), HasSubstr("SIGNUP"),
                            Not(HasSubstr("ada@")), Not(HasSubstr("Ada")), Not(HasSubstr("r-1"))));
  }
  EXPECT_THAT(RecordText(SignUp(), {}), HasSubstr("partition 2, offset 5\n"));
  EXPECT_THAT(RecordText(SignUp(), {.json = true}),
              HasSubstr(R"("offset":5,"kind":"user event","key":"u1","sequence":7)"));
}

TEST(RecordTextTest, PersonalDataIsShownWhereItIsAskedFor) {
  for (const bool json : {false, true}) {
    EXPECT_THAT(RecordText(SignUp(), {.json = json, .with_personal_data = true}),
                AllOf(HasSubstr("ada@example.com"), HasSubstr("Ada"), HasSubstr("r-1")));
  }
}

TEST(RecordTextTest, OfWhatIsNoUserEventOnlySizesAreShown) {
  StoredRecord record{.record = {.key = "ada@example.com", .value = "Ada\n"}};
  EXPECT_THAT(RecordText(record, {}),
              AllOf(HasSubstr("unreadable"), HasSubstr("NOT_A_USER_EVENT"), HasSubstr("hidden, 15 bytes"),
                    HasSubstr("hidden, 4 bytes"), Not(HasSubstr("Ada"))));
  EXPECT_THAT(RecordText(record, {.with_personal_data = true}), HasSubstr("value: Ada\\n\n"));
  record.record.value.reset();
  EXPECT_THAT(RecordText(record, {.json = true}), AllOf(HasSubstr("NO_VALUE"), HasSubstr(R"("value":"none")")));
}

}  // namespace
}  // namespace roster::event_log::tool
