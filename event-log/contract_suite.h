#ifndef ROSTER_EVENT_LOG_CONTRACT_SUITE_H_
#define ROSTER_EVENT_LOG_CONTRACT_SUITE_H_

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "base/clock.h"
#include "base/fake_clock.h"
#include "event-log/event_log.h"
#include "gtest/gtest.h"

namespace roster::event_log {

// One log that does not exist yet, and handles of it.
class LogUnderTest {
 public:
  virtual ~LogUnderTest() = default;
  virtual std::unique_ptr<EventLog> Open(const Clock& clock) = 0;
};

// An adapter that the suite runs over; contract_<adapter>_test.cc instantiates the suite with it.
struct Adapter {
  std::string name;
  std::function<std::unique_ptr<LogUnderTest>()> make;
  int partitions = 1;
  // Whether a second Lead deposes the first one's holder; else it is refused while there is one.
  bool second_lead_fences = false;

  friend void PrintTo(const Adapter& adapter, std::ostream* out) { *out << adapter.name; }
};

struct ReadRecord {
  RecordLocation location;
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<Header> headers;

  friend bool operator==(const ReadRecord&, const ReadRecord&) = default;
};

class LogContract : public testing::TestWithParam<Adapter> {
 protected:
  LogContract() : under_test_(GetParam().make()), log_(under_test_->Open(clock_)) {}

  std::unique_ptr<EventLog> OpenAnother() { return under_test_->Open(clock_); }
  static std::unique_ptr<Appender> LeadOf(EventLog& log);

  // Appends, and fails the test where that fails.
  static std::vector<RecordLocation> MustAppend(Appender& appender, const std::vector<Record>& records);

  // Everything from `reader` until it says that it has all that was on the log when this was called.
  std::vector<ReadRecord> ReadToEnd(Reader& reader);
  // The whole log without its genesis record.
  std::vector<ReadRecord> ReadAll(EventLog& log);
  // What a fold that read `records` would store.
  Checkpoint CheckpointAfter(const std::vector<ReadRecord>& records, const Checkpoint& before) const;
  Checkpoint StartOfLog(EventLog& log) const;

  FakeClock clock_;
  std::unique_ptr<LogUnderTest> under_test_;
  std::unique_ptr<EventLog> log_;
};

// How long a test waits for what must come.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

// The values are the numbers from `first` on, the keys those of `keys` users in turn.
std::vector<Record> NumberedRecords(int first, int count, int keys);

// A record as it should be read back.
ReadRecord AsRead(const Record& record, RecordLocation location);

ReadRecord CopyOf(const RecordView& record);

bool IsGenesis(const ReadRecord& record);

}  // namespace roster::event_log

#endif  // ROSTER_EVENT_LOG_CONTRACT_SUITE_H_
