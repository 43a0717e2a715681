// The genesis record: what is read as one is written the same again, and names a log that a fold can hold.
#include "absl/strings/str_cat.h"
#include "event-log/genesis.h"
#include "tests/fuzz/fuzz.h"
#include "user-event/sort_record.h"

namespace roster::event_log {

ROSTER_FUZZER(genesis_record) {
  fuzz::InputReader reader(input);
  const bool with_type = reader.Bool();
  const bool with_id = reader.Bool();
  std::string value = with_type ? absl::StrCat(kGenesisType, " ") : "";
  if (with_id) absl::StrAppend(&value, "0190a0a0-0000-7000-8000-000000000001 ");
  absl::StrAppend(&value, reader.Rest());
  const RecordView record{.key = kGenesisKey, .value = value};
  const std::optional<LogIdentity> identity = ParseGenesisRecord(record);
  const user_event::SortedRecord sorted = user_event::SortRecord(record);
  FUZZ_CHECK(std::holds_alternative<LogIdentity>(sorted) == identity.has_value());
  if (!identity) return;
  FUZZ_CHECK(std::get<LogIdentity>(sorted) == *identity);
  const Record again = MakeGenesisRecord(*identity, absl::UnixEpoch());
  FUZZ_CHECK(again.value == value);
  const Position start = StartOf(identity->log_id, identity->partitions);
  FUZZ_CHECK(start.next_offsets.size() == static_cast<size_t>(identity->partitions));
}

}  // namespace roster::event_log
