#include "user-event/write_record.h"

#include <map>

#include "gtest/gtest.h"
#include "user-event/event_for_test.h"

namespace roster::user_event {
namespace {

std::map<std::string, std::string> HeadersOf(const event_log::Record& record) {
  std::map<std::string, std::string> headers;
  for (const event_log::Header& header : record.headers) headers[header.key] = header.value;
  EXPECT_EQ(headers.size(), record.headers.size());
  return headers;
}

TEST(WriteRecordTest, HeadersTellTheEventWithoutItsValue) {
  const v1::UserEvent event = SignUpEventForTest("u1", "ada@example.com");
  const event_log::Record record = WriteRecord(event, "00-trace");
  EXPECT_EQ(record.key, "u1");
  EXPECT_EQ(record.value, event.SerializeAsString());
  EXPECT_EQ(HeadersOf(record), (std::map<std::string, std::string>{{"ce_specversion", "1.0"},
                                                                   {"ce_id", "event-u1-1"},
                                                                   {"ce_type", "roster.user.signed_up.v1"},
                                                                   {"ce_source", "roster"},
                                                                   {"ce_time", "2023-11-14T22:13:21.000000Z"},
                                                                   {"content-type", "application/protobuf"},
                                                                   {"event_type", "SIGNUP"},
                                                                   {"event_id", "event-u1-1"},
                                                                   {"produced_at", "2023-11-14T22:13:21.000000Z"},
                                                                   {"traceparent", "00-trace"}}));
}

TEST(WriteRecordTest, KindsHaveTheirTypes) {
  const v1::UserEvent signed_up = SignUpEventForTest("u1", "ada@example.com");
  auto updated = HeadersOf(WriteRecord(NextEventForTest(signed_up, v1::USER_STATUS_INACTIVE, 2), ""));
  EXPECT_EQ(updated["event_type"], "UPDATE");
  EXPECT_EQ(updated["ce_type"], "roster.user.updated.v1");
  EXPECT_EQ(updated.count("traceparent"), 0u);
  auto deleted = HeadersOf(WriteRecord(NextEventForTest(signed_up, v1::USER_STATUS_DELETED, 2), ""));
  EXPECT_EQ(deleted["event_type"], "DELETE");
  EXPECT_EQ(deleted["ce_type"], "roster.user.deleted.v1");
}

}  // namespace
}  // namespace roster::user_event
