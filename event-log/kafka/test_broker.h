#ifndef ROSTER_EVENT_LOG_KAFKA_TEST_BROKER_H_
#define ROSTER_EVENT_LOG_KAFKA_TEST_BROKER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event-log/event_log.h"
#include "event-log/kafka/client.h"

// For tests: the real broker that a test run shares (scripts/with-kafka), and what others than Roster may do to it.
namespace roster::event_log::kafka {

// HOST:PORT. Ends the program where there is none: a test that cannot get its broker fails.
std::string TestBroker();

// A topic that no other test uses.
std::string NewTopicName();

// A program that is not Roster, with librdkafka's plain API. Every call fails the test where it does not succeed.
class Outsider {
 public:
  explicit Outsider(std::string topic, std::string broker = TestBroker());
  ~Outsider();

  struct Message {
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<Header> headers;
    int32_t partition = 0;
  };

  void CreateTopic(int partitions, const std::map<std::string, std::string>& settings = {});
  void DeleteTopic();
  void AddPartitions(int partitions);
  void AlterTopic(const std::map<std::string, std::string>& settings);
  std::map<std::string, std::string> Settings(const std::string& topic);

  // Appends, durably.
  void Produce(const Message& message);

  // Appends within a transaction of the outsider's own, which stays open until it is ended.
  void ProduceInTransaction(const Message& message);
  void EndTransaction(bool commit);

  // What stands on one partition from its beginning, read as any consumer would: how many records `count` says.
  std::vector<Message> Consume(const std::string& topic, int32_t partition, size_t count);

  // What a consumer group has committed for each partition.
  std::vector<int64_t> CommittedOffsets(const std::string& group, int partitions);

 private:
  std::unique_ptr<Client> Make(rd_kafka_type_t type, const std::map<std::string, std::string>& settings);
  void ProduceWith(Client& client, const Message& message);

  const std::string topic_;
  const std::string broker_;
  std::unique_ptr<Client> producer_;
  std::unique_ptr<Client> transactional_;
};

}  // namespace roster::event_log::kafka

#endif  // ROSTER_EVENT_LOG_KAFKA_TEST_BROKER_H_
