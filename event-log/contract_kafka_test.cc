#include "absl/strings/str_cat.h"
#include "event-log/contract_suite.h"
#include "event-log/kafka/kafka_log.h"
#include "event-log/kafka/test_broker.h"

namespace roster::event_log {
namespace {

class KafkaUnderTest : public LogUnderTest {
 public:
  explicit KafkaUnderTest(int partitions) : partitions_(partitions) {}

  std::unique_ptr<EventLog> Open(const Clock& clock) override {
    return kafka::OpenKafkaLog({.address = {kafka::TestBroker(), topic_}, .partitions = partitions_}, clock).value();
  }

 private:
  const int partitions_;
  const std::string topic_ = kafka::NewTopicName();
};

Adapter Kafka(int partitions) {
  return {.name = absl::StrCat("Partitions", partitions),
          .make = [partitions] { return std::make_unique<KafkaUnderTest>(partitions); },
          .partitions = partitions,
          .second_lead_fences = true};
}

INSTANTIATE_TEST_SUITE_P(Kafka, LogContract, testing::Values(Kafka(1), Kafka(6)),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace roster::event_log
