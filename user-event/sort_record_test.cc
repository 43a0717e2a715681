#include "user-event/sort_record.h"

#include <functional>
#include <random>

#include "event-log/genesis.h"
#include "gtest/gtest.h"
#include "user-event/event_for_test.h"

namespace roster::user_event {
namespace {

event_log::RecordView ViewOf(const std::string& key, const std::string& value, int32_t partition = 0) {
  return {.location = {partition, 7}, .key = absl::string_view(key), .value = absl::string_view(value)};
}

std::string ReasonOf(const SortedRecord& sorted) {
  return std::holds_alternative<Unreadable>(sorted) ? std::get<Unreadable>(sorted).reason : "";
}

TEST(SortRecordTest, UserEventIsRead) {
  const v1::UserEvent event = SignUpEventForTest("u1", "ada@example.com");
  const SortedRecord sorted = SortRecord(ViewOf("u1", event.SerializeAsString()));
  EXPECT_EQ(std::get<v1::UserEvent>(sorted).SerializeAsString(), event.SerializeAsString());
}

TEST(SortRecordTest, GenesisRecordIsRead) {
  const event_log::LogIdentity identity{"0190b6b2-0000-7000-8000-000000000000", 6};
  const event_log::Record record = event_log::MakeGenesisRecord(identity, absl::UnixEpoch());
  EXPECT_EQ(std::get<event_log::LogIdentity>(SortRecord(ViewOf(*record.key, *record.value))), identity);
  EXPECT_EQ(ReasonOf(SortRecord(ViewOf(*record.key, *record.value, 1))), "MISPLACED_GENESIS");
  EXPECT_EQ(ReasonOf(SortRecord(ViewOf(*record.key, *record.value + "0x"))), "MISPLACED_GENESIS");
  // No log has so many partitions, and no fold room for them.
  EXPECT_EQ(ReasonOf(SortRecord(ViewOf(*record.key, *record.value + "00000000"))), "MISPLACED_GENESIS");
}

TEST(SortRecordTest, TombstonesAndForeignBytesAreUnreadable) {
  const std::string value = SignUpEventForTest("u1", "ada@example.com").SerializeAsString();
  event_log::RecordView tombstone = ViewOf("u1", value);
  tombstone.value.reset();
  EXPECT_EQ(ReasonOf(SortRecord(tombstone)), "NO_VALUE");
  event_log::RecordView keyless = ViewOf("u1", value);
  keyless.key.reset();
  EXPECT_EQ(ReasonOf(SortRecord(keyless)), "KEY_MISMATCH");
  EXPECT_EQ(ReasonOf(SortRecord(ViewOf("u2", value))), "KEY_MISMATCH");
  EXPECT_EQ(ReasonOf(SortRecord(ViewOf("u1", "\xff\xff\xff"))), "NOT_A_USER_EVENT");
  EXPECT_EQ(ReasonOf(SortRecord(ViewOf("u1", ""))), "MALFORMED_EVENT");
  EXPECT_EQ(ReasonOf(SortRecord(ViewOf("u1", std::string(5 << 20, '\0')))), "NOT_A_USER_EVENT");
}

TEST(SortRecordTest, EveryCutOfAnEventIsSortedWithoutHarm) {
  const std::string value = SignUpEventForTest("u1", "ada@example.com").SerializeAsString();
  for (size_t length = 0; length < value.size(); ++length) SortRecord(ViewOf("u1", value.substr(0, length)));
  std::mt19937 random(1);
  for (int i = 0; i < 10'000; ++i) {
    std::string damaged = value;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    SortRecord(ViewOf("u1", damaged));
  }
}

TEST(SortRecordTest, EventThatAFoldCannotRelyOnIsMalformed) {
  const std::vector<std::function<void(v1::UserEvent&)>> faults = {
      [](v1::UserEvent& e) { e.clear_event_id(); },
      [](v1::UserEvent& e) { e.clear_user_id(); },
      [](v1::UserEvent& e) { e.set_sequence(0); },
      [](v1::UserEvent& e) { e.set_sequence(INT64_MAX); },
      [](v1::UserEvent& e) { e.set_user_version(-1); },
      [](v1::UserEvent& e) { e.set_user_version(2); },
      [](v1::UserEvent& e) { e.clear_occurred_at(); },
      [](v1::UserEvent& e) { e.mutable_occurred_at()->set_nanos(-1); },
      [](v1::UserEvent& e) { e.clear_user(); },
      [](v1::UserEvent& e) { e.mutable_user()->set_user_id("u2"); },
      [](v1::UserEvent& e) { e.mutable_user()->clear_status(); },
      [](v1::UserEvent& e) { e.mutable_user()->clear_create_time(); },
  };
  for (size_t i = 0; i < faults.size(); ++i) {
    v1::UserEvent event = SignUpEventForTest("u1", "ada@example.com");
    faults[i](event);
    EXPECT_EQ(ReasonOf(SortRecord(ViewOf("u1", event.SerializeAsString()))), "MALFORMED_EVENT") << i;
  }
}

TEST(SortRecordTest, UnknownFieldsAndKindsOfANewerWriterAreKept) {
  v1::UserEvent event = SignUpEventForTest("u1", "ada@example.com");
  event.clear_change();
  // Field 900 of type string, and field 901 as a sub-message: a kind of change that is yet to come.
  const std::string newer = event.SerializeAsString() + std::string("\xa2\x38\x03new\xaa\x38\x02\x08\x01", 11);
  const SortedRecord sorted = SortRecord(ViewOf("u1", newer));
  const auto& read = std::get<v1::UserEvent>(sorted);
  EXPECT_EQ(read.change_case(), v1::UserEvent::CHANGE_NOT_SET);
  EXPECT_EQ(read.SerializeAsString().size(), newer.size());
}

}  // namespace
}  // namespace roster::user_event
