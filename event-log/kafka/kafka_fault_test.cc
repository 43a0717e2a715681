// The Kafka adapter while processes die: the writer, or the broker. Each test has a broker of its own.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/temp_dir.h"
#include "event-log/genesis.h"
#include "event-log/kafka/kafka_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

extern char** environ;

namespace roster::event_log::kafka {
namespace {

using testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(120);
constexpr int kBatch = 7;
constexpr int kPartitions = 3;

class OwnBroker {
 public:
  OwnBroker() { Start(); }
  ~OwnBroker() { Run("kill"); }

  void Start() {
    address_ = std::string(absl::StripSuffix(Run("start"), "\n"));
    // Without one every test would wait for ever.
    if (address_.empty()) std::exit(1);
  }
  void Kill() { Run("kill"); }
  void Pause() { kill(Pid(), SIGSTOP); }
  void Resume() { kill(Pid(), SIGCONT); }
  const std::string& address() const { return address_; }

 private:
  std::string Run(const std::string& action) {
    const std::string command = absl::StrCat(ROSTER_KAFKA_BROKER_SCRIPT, " ", action, " ", dir_.File("broker"));
    FILE* pipe = popen(command.c_str(), "r");
    std::string output;
    std::array<char, 256> buffer;
    while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
    EXPECT_EQ(pclose(pipe), 0) << command;
    return output;
  }

  pid_t Pid() const {
    pid_t pid = 0;
    std::ifstream(dir_.File("broker/broker.pid")) >> pid;
    EXPECT_GT(pid, 0);
    return pid;
  }

  TempDir dir_;
  std::string address_;
};

// append_forever, until it is killed.
class Writer {
 public:
  Writer(const std::string& broker, const std::string& topic, int first) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    std::string program = ROSTER_APPEND_FOREVER, number = absl::StrCat(first), address = broker, name = topic;
    char* arguments[] = {program.data(), address.data(), name.data(), number.data(), nullptr};
    EXPECT_EQ(posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~Writer() { fclose(output_); }

  // The next batch that was acknowledged; -1 once there is none.
  int NextAcknowledged() {
    int batch = -1;
    return fscanf(output_, "%d", &batch) == 1 ? batch : -1;
  }
  void Kill() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = 0;
  FILE* output_ = nullptr;
};

class KafkaFaultTest : public testing::Test {
 protected:
  std::unique_ptr<EventLog> Open() {
    return OpenKafkaLog({.address = {broker_.address(), "users"}, .partitions = kPartitions}, SystemClock()).value();
  }
  static std::unique_ptr<Appender> LeadOf(EventLog& log) {
    return log.Lead([] { return true; }).value();
  }

  static std::vector<Record> Batch(int number) {
    std::vector<Record> records;
    for (int i = 0; i < kBatch; ++i) records.push_back({absl::StrCat("key-", i), absl::StrCat(number), {}});
    return records;
  }

  // Adds what comes until the end as of now: for each key, the numbers of its batches in the order read.
  static void ReadToEnd(Reader& reader, std::map<std::string, std::vector<int>>& by_key) {
    const absl::Time now = absl::Now();
    while (absl::Now() < now + kPatience) {
      const auto result = reader.Poll(1000, absl::Milliseconds(100), [&](const RecordView& record) {
        int number = 0;
        if (absl::SimpleAtoi(*record.value, &number)) by_key[std::string(*record.key)].push_back(number);
      });
      ASSERT_TRUE(result.ok() || absl::IsUnavailable(result.status())) << result.status();
      if (result.ok() && result->complete_as_of && *result->complete_as_of > now) return;
    }
    FAIL() << "the end of the log did not come";
  }

  // Every batch is there whole or not at all, once, in order; the acknowledged ones are there.
  static void ExpectWholeBatches(const std::map<std::string, std::vector<int>>& by_key,
                                 const std::set<int>& acknowledged) {
    ASSERT_THAT(by_key, SizeIs(kBatch));
    const std::vector<int>& batches = by_key.begin()->second;
    for (const auto& [key, numbers] : by_key) EXPECT_EQ(numbers, batches) << key;
    EXPECT_TRUE(std::adjacent_find(batches.begin(), batches.end(), std::greater_equal<>()) == batches.end());
    const std::set<int> present(batches.begin(), batches.end());
    for (const int batch : acknowledged) EXPECT_EQ(present.count(batch), 1u) << batch;
  }

  OwnBroker broker_;
};

TEST_F(KafkaFaultTest, KilledWriterLeavesWholeBatchesOnly) {
  std::set<int> acknowledged;
  int next = 0;
  for (int round = 0; round < 5; ++round) {
    Writer writer(broker_.address(), "users", next);
    for (int i = 0; i < 20 + 7 * round; ++i) {
      const int batch = writer.NextAcknowledged();
      ASSERT_GE(batch, 0);
      acknowledged.insert(batch);
    }
    writer.Kill();
    for (int batch; (batch = writer.NextAcknowledged()) >= 0;) acknowledged.insert(batch);
    // One more may be on the log without an answer.
    next = *acknowledged.rbegin() + 2;
  }
  auto log = Open();
  auto appender = LeadOf(*log);
  std::map<std::string, std::vector<int>> by_key;
  ReadToEnd(*log->OpenReader({}).value(), by_key);
  ExpectWholeBatches(by_key, acknowledged);
}

TEST_F(KafkaFaultTest, AppendOutlastsAPausedBroker) {
  auto log = Open();
  auto appender = LeadOf(*log);
  std::set<int> acknowledged;
  for (int pause_at = 1; pause_at <= 8; ++pause_at) {
    int calls = 0;
    // In the middle of an append, at another moment each time; goes on only after a hundred calls.
    const auto locations = appender->Append(Batch(pause_at), [&] {
      ++calls;
      if (calls == pause_at) broker_.Pause();
      if (calls == pause_at + 100) broker_.Resume();
    });
    broker_.Resume();
    ASSERT_TRUE(locations.ok()) << locations.status();
    if (pause_at == 1) {
      EXPECT_GE(calls, 100);
    }
    acknowledged.insert(pause_at);
  }
  std::map<std::string, std::vector<int>> by_key;
  ReadToEnd(*log->OpenReader({}).value(), by_key);
  ExpectWholeBatches(by_key, acknowledged);
}

TEST_F(KafkaFaultTest, KilledBrokerCostsNoAcknowledgedBatch) {
  auto log = Open();
  auto appender = LeadOf(*log);
  // Reads on through all of it.
  auto reader = log->OpenReader({}).value();
  std::map<std::string, std::vector<int>> by_key;
  std::set<int> acknowledged;
  int batch = 0;
  for (int kill_at : {1, 2, 3}) {
    for (int i = 0; i < 5; ++i, ++batch) {
      ASSERT_TRUE(appender->Append(Batch(batch), [] {}).ok());
      acknowledged.insert(batch);
    }
    ReadToEnd(*reader, by_key);
    int calls = 0;
    const auto result = appender->Append(Batch(batch), [&] {
      ++calls;
      if (calls == kill_at) broker_.Kill();
      if (calls == kill_at + 20) broker_.Start();
    });
    if (calls < kill_at + 20) {
      if (calls < kill_at) broker_.Kill();
      broker_.Start();
    }
    if (result.ok()) acknowledged.insert(batch);
    const AppendFailure failure = FailureOf(result.status());
    const bool spent = failure == AppendFailure::kUnknown || failure == AppendFailure::kFenced;
    if (!result.ok() && spent) {
      appender.reset();
      appender = LeadOf(*log);
    }
    ++batch;
  }
  ReadToEnd(*reader, by_key);
  ExpectWholeBatches(by_key, acknowledged);
  // And so does one who begins now.
  std::map<std::string, std::vector<int>> anew;
  ReadToEnd(*log->OpenReader({}).value(), anew);
  EXPECT_EQ(anew, by_key);
}

}  // namespace
}  // namespace roster::event_log::kafka
