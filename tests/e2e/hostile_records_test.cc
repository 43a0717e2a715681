// What outsiders may put on the topic: every record is applied or kept as a dead letter, and the good ones among them
// arrive.
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "absl/strings/str_cat.h"
#include "tests/e2e/e2e_test.h"
#include "tests/support/history.h"
#include "user-event/event_for_test.h"
#include "user-event/write_record.h"

namespace roster::test {
namespace {

// A producer that knows nothing of Roster's rules.
class Outsider {
 public:
  explicit Outsider(const std::string& topic) : topic_(topic) {
    char error[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", std::getenv("ROSTER_TEST_KAFKA"), error, sizeof(error));
    rd_kafka_conf_set(conf, "message.max.bytes", "20000000", error, sizeof(error));
    rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
      if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++static_cast<Outsider*>(opaque)->failed_;
    });
    rd_kafka_conf_set_opaque(conf, this);
    producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error));
  }
  ~Outsider() { rd_kafka_destroy(producer_); }

  void Produce(int partition, const std::string* key, const std::string* value) {
    const void* value_bytes = value == nullptr ? nullptr : value->data();
    const void* key_bytes = key == nullptr ? nullptr : key->data();
    const size_t key_size = key == nullptr ? 0 : key->size();
    const size_t value_size = value == nullptr ? 0 : value->size();
    for (;;) {
      const rd_kafka_resp_err_t error =
          rd_kafka_producev(producer_, RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(partition),
                            RD_KAFKA_V_KEY(key_bytes, key_size), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                            RD_KAFKA_V_VALUE(const_cast<void*>(value_bytes), value_size), RD_KAFKA_V_END);
      if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) break;
      rd_kafka_poll(producer_, 100);
    }
    rd_kafka_poll(producer_, 0);
  }
  // Records that the broker did not take.
  int Flush() {
    rd_kafka_flush(producer_, 60'000);
    return failed_;
  }

 private:
  const std::string topic_;
  int failed_ = 0;
  rd_kafka_t* producer_;
};

// Ten thousand records of every kind that must not be applied.
class HostileRecords {
 public:
  HostileRecords(Outsider& outsider, int partitions) : outsider_(outsider), partitions_(partitions) {}

  void Send(int index) {
    const std::string key = absl::StrCat("hostile-", index);
    const std::string event =
        user_event::SignUpEventForTest(key, key + "@example.com", 1'000'000 + index).SerializeAsString();
    switch (index % 7) {
      case 0:
        return Produce(&key, RandomBytes(random_() % 300));
      case 1:
        // Cut short of the kind of change, its last two bytes: without those it would still be a whole event.
        return Produce(&key, event.substr(0, 1 + random_() % (event.size() - 3)));
      case 2:
        return Produce(&other_key_, event);
      case 3:
        return outsider_.Produce(Partition(), &key, nullptr);
      case 4:
        return Produce(nullptr, event);
      case 5:
        return Produce(&genesis_key_, RandomBytes(40));
      default:
        return Produce(&key, "");
    }
  }

 private:
  int Partition() { return static_cast<int>(random_() % static_cast<unsigned>(partitions_)); }
  std::string RandomBytes(size_t count) {
    std::string bytes;
    // Field number zero: no protobuf message begins so.
    bytes.push_back('\0');
    for (size_t i = 0; i < count; ++i) bytes.push_back(static_cast<char>(random_()));
    return bytes;
  }
  void Produce(const std::string* key, const std::string& value) { outsider_.Produce(Partition(), key, &value); }

  Outsider& outsider_;
  const int partitions_;
  std::mt19937 random_{3};
  const std::string other_key_ = "somebody-else";
  const std::string genesis_key_ = "/roster/log/genesis";
};

class HostileRecordsTest : public EndToEndTest {
 protected:
  v1::GetReadModelStatusResponse StatusOfReadModel() {
    Context context;
    v1::GetReadModelStatusResponse status;
    EXPECT_TRUE(queries_->GetReadModelStatus(&context, {}, &status).ok());
    return status;
  }
};

TEST_P(HostileRecordsTest, AllBecomeDeadLettersAndGoodEventsAmongThemArrive) {
  StartAll();
  constexpr int kHostile = 10'000;
  constexpr int kLarge = 3;
  Outsider outsider(processes_.topic());
  HostileRecords hostile(outsider, 6);
  const std::string large_key = "large";
  const std::string large(5'000'000, '\0');
  for (int i = 0; i < kHostile - kLarge; ++i) {
    hostile.Send(i);
    if (i % 100 != 0) continue;
    v1::SignUpUserResponse response;
    ASSERT_TRUE(SignUp("good" + std::to_string(i) + "@example.com", response).ok());
  }
  for (int i = 0; i < kLarge; ++i) outsider.Produce(i, &large_key, &large);
  ASSERT_EQ(outsider.Flush(), 0);
  // An event of a kind that is yet to come, from a newer writer, is applied by its user.
  v1::UserEvent newer = user_event::SignUpEventForTest("from-the-future", "future@example.com", 5'000);
  newer.clear_change();
  const std::string newer_key = newer.user_id();
  const std::string newer_value = newer.SerializeAsString() + std::string("\xaa\x38\x02\x08\x01", 5);
  outsider.Produce(0, &newer_key, &newer_value);
  ASSERT_EQ(outsider.Flush(), 0);

  ASSERT_TRUE(Eventually([&] { return StatusOfReadModel().open_dead_letters() == kHostile; }, absl::Seconds(40)))
      << StatusOfReadModel().ShortDebugString();
  // Without a token: open dead letters would hold it.
  const std::map<std::string, v1::User> users = ListAll("");
  EXPECT_EQ(users.size(), 101u);
  EXPECT_EQ(users.count("from-the-future"), 1u);

  // The command service reads past them as well, from the start of the log.
  processes_.command_service().Kill();
  for (const char* suffix : {"", "-wal", "-shm", ".state"}) std::filesystem::remove(processes_.write_model() + suffix);
  processes_.StartCommandService();
  ASSERT_TRUE(processes_.WaitUntilServing()) << processes_.command_service().Log();
  v1::SignUpUserResponse response;
  EXPECT_EQ(ReasonOf(SignUp("good0@example.com", response)), "EMAIL_TAKEN");
  EXPECT_EQ(ReasonOf(SignUp("future@example.com", response)), "EMAIL_TAKEN");
  EXPECT_TRUE(SignUp("one-more@example.com", response).ok());
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(OnThe, HostileRecordsTest, LogsUnderTest(), LogName);

}  // namespace roster::test
