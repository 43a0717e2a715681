// Three brokers, one of which is killed under load and comes back, again and again.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "event-log/kafka/test_broker.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/context.h"
#include "tests/support/history.h"
#include "tests/support/kafka_cluster.h"
#include "tests/support/load.h"
#include "tests/support/roster_processes.h"

namespace roster::test {
namespace {

// Makes one call after the other and notes when each was answered.
class Probe {
 public:
  // `call` says whether it succeeded.
  explicit Probe(std::function<bool()> call) : call_(std::move(call)), thread_([this] { Run(); }) {}
  ~Probe() {
    stop_ = true;
    thread_.join();
  }

  int failures() const { return failures_; }
  size_t successes() const {
    absl::MutexLock lock(&mutex_);
    return answered_.size();
  }
  // The longest time without a success that ended after `start`, in milliseconds.
  int64_t LongestGapMs(absl::Time start) const {
    absl::MutexLock lock(&mutex_);
    absl::Duration longest;
    for (size_t i = 1; i < answered_.size(); ++i) {
      if (answered_[i] > start) longest = std::max(longest, answered_[i] - answered_[i - 1]);
    }
    return absl::ToInt64Milliseconds(longest);
  }

 private:
  void Run() {
    while (!stop_) {
      if (call_()) {
        absl::MutexLock lock(&mutex_);
        answered_.push_back(absl::Now());
      } else {
        ++failures_;
        PauseBetweenLooks();
      }
    }
  }

  const std::function<bool()> call_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> failures_ = 0;
  mutable absl::Mutex mutex_;
  std::vector<absl::Time> answered_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

class BrokerFailoverTest : public testing::Test {
 protected:
  // Each test leaves all brokers alive.
  static void SetUpTestSuite() { cluster_ = new KafkaCluster(3); }
  static void TearDownTestSuite() { delete cluster_; }
  void SetUp() override {
    processes_.StartAll();
    ASSERT_TRUE(processes_.WaitUntilServing()) << Logs();
  }

  std::string Logs() { return absl::StrCat(processes_.command_service().Log(), processes_.projector().Log()); }

  // Every topic that Roster needs, the brokers' own ones too.
  std::vector<std::string> Topics() const {
    return {processes_.topic(), processes_.topic() + ".control", "__transaction_state", "__consumer_offsets"};
  }
  bool EveryPartition(const std::function<bool(const KafkaCluster::Partition&)>& condition) {
    for (const std::string& topic : Topics()) {
      const auto partitions = cluster_->PartitionsOf(topic);
      if (partitions.empty() || !std::all_of(partitions.begin(), partitions.end(), condition)) return false;
    }
    return true;
  }

  struct Victim {
    std::string role;
    int broker;
  };
  Victim ChooseVictim(int round) {
    const std::string& topic = processes_.topic();
    switch (round % 3) {
      case 0:
        return {"leads partition 0", cluster_->PartitionsOf(topic)[0].leader};
      case 1:
        return {"coordinates transactions", cluster_->TransactionCoordinator(absl::StrCat("roster.", topic, ".0"))};
      default:
        return {"coordinates the group", cluster_->GroupCoordinator(absl::StrCat("roster.", topic, ".lead"))};
    }
  }

  // Of both transactional ids, and of the group.
  std::vector<int> Coordinators() {
    const std::string prefix = absl::StrCat("roster.", processes_.topic(), ".");
    return {cluster_->TransactionCoordinator(prefix + "0"), cluster_->TransactionCoordinator(prefix + "1"),
            cluster_->GroupCoordinator(prefix + "lead")};
  }
  static bool HaveSuccessors(const std::vector<int>& brokers, int former) {
    return std::all_of(brokers.begin(), brokers.end(), [&](int each) { return each > 0 && each != former; });
  }

  // Kills a broker, lets load and probes go on without it, and starts it again. Prints how long they waited.
  void LoseBroker(const Victim& victim, const Load& load, const Probe& writes, const Probe& reads) {
    const size_t before = writes.successes();
    ASSERT_TRUE(Eventually([&] { return writes.successes() > before && reads.successes() > 0; })) << Logs();
    const absl::Time start = absl::Now();
    cluster_->Kill(victim.broker);
    ASSERT_TRUE(Eventually([&] {
      return EveryPartition([&](const auto& each) { return each.leader > 0 && each.leader != victim.broker; }) &&
             HaveSuccessors(Coordinators(), victim.broker);
    }));
    const absl::Duration failed_over = absl::Now() - start;
    const size_t until = writes.successes() + 20;
    const int64_t commands = load.commands() + 50;
    ASSERT_TRUE(Eventually([&] { return writes.successes() >= until && load.commands() >= commands; })) << Logs();
    std::printf(
        "broker %d killed, which %s: the brokers failed over in %d ms; no sign-up for %d ms, no read for %d ms\n",
        victim.broker, victim.role.c_str(), static_cast<int>(absl::ToInt64Milliseconds(failed_over)),
        static_cast<int>(writes.LongestGapMs(start)), static_cast<int>(reads.LongestGapMs(start)));
    std::fflush(stdout);
    cluster_->Start(victim.broker);
    // Losing a second one before would be another test.
    ASSERT_TRUE(Eventually([&] { return EveryPartition([](const auto& each) { return each.in_sync == 3; }); }));
  }

  static KafkaCluster* cluster_;
  RosterProcesses processes_{LogKind::kKafka, 6, cluster_->addresses()};
};

KafkaCluster* BrokerFailoverTest::cluster_ = nullptr;

TEST_F(BrokerFailoverTest, NewTopicsHaveThreeCopiesOfWhichTwoMustBeWritten) {
  event_log::kafka::Outsider outsider(processes_.topic(), cluster_->addresses());
  for (const std::string& topic : {processes_.topic(), processes_.topic() + ".control", processes_.topic() + ".dlq"}) {
    for (const auto& partition : cluster_->PartitionsOf(topic)) EXPECT_EQ(partition.replicas, 3) << topic;
    EXPECT_THAT(outsider.Settings(topic), testing::Contains(testing::Pair("min.insync.replicas", "2")));
  }
}

TEST_F(BrokerFailoverTest, NothingAcknowledgedIsLostOrDoubledAndReadsGoOn) {
  const char* wanted = std::getenv("ROSTER_TEST_BROKER_FAILOVERS");
  const int rounds = wanted == nullptr ? 3 : std::atoi(wanted);
  const auto commands = v1::UserCommandService::NewStub(processes_.command_channel());
  const auto queries = v1::UserQueryService::NewStub(processes_.query_channel());
  History history;
  int signed_up = 0;
  {
    Load load({processes_.command_address()}, 8, history);
    Probe writes([&] {
      Context context(absl::Seconds(5));
      v1::SignUpUserRequest request;
      v1::SignUpUserResponse response;
      request.set_email(absl::StrCat("probe-", ++signed_up, "@example.com"));
      return commands->SignUpUser(&context, request, &response).ok();
    });
    Probe reads([&] {
      Context context(absl::Seconds(5));
      v1::GetReadModelStatusRequest request;
      v1::GetReadModelStatusResponse response;
      return queries->GetReadModelStatus(&context, request, &response).ok();
    });
    for (int round = 0; round < rounds && !HasFatalFailure(); ++round) {
      LoseBroker(ChooseVictim(round), load, writes, reads);
    }
    EXPECT_EQ(reads.failures(), 0);
  }
  EXPECT_EQ(CheckLog(ReadEvents(*processes_.OpenLog()), history), std::vector<std::string>());
  EXPECT_FALSE(history.acknowledged().empty());
}

}  // namespace
}  // namespace roster::test
