// The projector on a real broker, whose HOST:PORT is in ROSTER_TEST_KAFKA (scripts/with-kafka).
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/doorbell.h"
#include "base/temp_dir.h"
#include "base/uuid.h"
#include "gtest/gtest.h"
#include "projector/projector.h"
#include "read-model/inspector.h"
#include "user-event/event_for_test.h"
#include "user-event/write_record.h"

namespace roster::projector {
namespace {

constexpr absl::Duration kLong = absl::Seconds(90);

TEST(ProjectorKafkaTest, FoldsAllPartitionsAndCopiesDeadLettersToTheTopic) {
  const char* const brokers = std::getenv("ROSTER_TEST_KAFKA");
  ASSERT_NE(brokers, nullptr) << "needs a broker: run it by scripts/with-kafka";
  TempDir dir;
  ProjectorOptions options;
  options.log.log = absl::StrCat("kafka:", brokers, "/projector-", UuidV7Generator(SystemClock()).Next());
  options.log.kafka_partitions = 3;
  options.read_model = dir.File("rm");
  options.fold.fresh_interval = absl::Milliseconds(100);

  const auto log = event_log::OpenEventLog(options.log, SystemClock()).value();
  auto appender = log->Lead([] { return true; });
  ASSERT_TRUE(appender.ok()) << appender.status();
  std::vector<event_log::Record> records;
  for (int i = 0; i < 1000; ++i) {
    records.push_back(user_event::WriteRecord(
        user_event::SignUpEventForTest(absl::StrCat("user-", i), absl::StrCat(i, "@example.org"), i + 1), ""));
    if (i % 100 == 0) records.push_back({absl::StrCat("user-", i), "no event", {{"own", "header"}}});
  }
  ASSERT_TRUE((*appender)->Append(records, [] {}).ok());

  const auto projector = Projector::Start(options, SystemClock(), nullptr);
  ASSERT_TRUE(projector.ok()) << projector.status();
  const read_model::Folder folder(options.read_model);
  const auto listener = DoorbellListener::Open(folder.DoorbellPath()).value();
  const auto done = [&] {
    const auto inspector = read_model::Inspector::Open(folder);
    if (!inspector.ok()) return false;
    const auto summary = (*inspector)->Summarize();
    return summary.ok() && summary->fresh_as_of && (*inspector)->ComputeDigest()->users == 1000 &&
           (*inspector)->ListDeadLetters(true, std::nullopt, 100)->size() == 10 &&
           (*inspector)->ListUncopiedDeadLetters(std::nullopt, 100)->empty();
  };
  const absl::Time deadline = absl::Now() + kLong;
  while (!done() && absl::Now() < deadline) listener->Wait(absl::Milliseconds(200));
  EXPECT_TRUE(done());
  EXPECT_TRUE((*projector)->Stop().ok());
}

}  // namespace
}  // namespace roster::projector
