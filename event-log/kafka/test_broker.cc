#include "event-log/kafka/test_broker.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "event-log/kafka/admin.h"
#include "event-log/kafka/deadline.h"
#include "gtest/gtest.h"

namespace roster::event_log::kafka {
namespace {

constexpr int kTimeoutMs = 30'000;

void* Data(const std::optional<std::string>& bytes) { return bytes ? const_cast<char*>(bytes->data()) : nullptr; }
size_t Size(const std::optional<std::string>& bytes) { return bytes ? bytes->size() : 0; }

// Waits for the answer to an administrative request.
void Await(const QueueHandle& queue) {
  const EventHandle event(rd_kafka_queue_poll(queue.get(), kTimeoutMs));
  ASSERT_NE(event, nullptr);
  ASSERT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_event_error_string(event.get());
}

std::optional<std::string> Copy(const void* data, size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(data), size);
}

}  // namespace

std::string TestBroker() {
  const char* broker = std::getenv("ROSTER_TEST_KAFKA");
  if (broker == nullptr || *broker == '\0') {
    std::fprintf(stderr, "ROSTER_TEST_KAFKA names no broker; run this under scripts/with-kafka\n");
    std::exit(1);
  }
  return broker;
}

std::string NewTopicName() { return absl::StrCat("test-", UuidV7Generator(SystemClock()).Next()); }

Outsider::Outsider(std::string topic, std::string broker) : topic_(std::move(topic)), broker_(std::move(broker)) {
  producer_ = Make(RD_KAFKA_PRODUCER, {{"message.max.bytes", "100000000"}});
}

Outsider::~Outsider() = default;

std::unique_ptr<Client> Outsider::Make(rd_kafka_type_t type, const std::map<std::string, std::string>& settings) {
  ConfHandle conf(rd_kafka_conf_new());
  rd_kafka_conf_set(conf.get(), "bootstrap.servers", broker_.c_str(), nullptr, 0);
  for (const auto& [name, value] : settings) rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), nullptr, 0);
  return Client::Make(type, std::move(conf), "outsider").value();
}

void Outsider::CreateTopic(int partitions, const std::map<std::string, std::string>& settings) {
  const absl::Status created = kafka::CreateTopic(*producer_, {topic_, partitions, 1, settings});
  ASSERT_TRUE(created.ok()) << created;
  for (const Deadline deadline(absl::Milliseconds(kTimeoutMs)); !deadline.Passed();) {
    const auto found = DescribeTopic(*producer_, topic_);
    // The brokers name a topic before the leaders of its partitions answer.
    if (found.ok() && *found && ListOffsets(*producer_, topic_, partitions, LogEnd::kHighWatermark).ok()) return;
  }
  FAIL() << "the topic does not appear";
}

void Outsider::DeleteTopic() {
  std::unique_ptr<rd_kafka_DeleteTopic_t, Destroyer<rd_kafka_DeleteTopic_destroy>> request(
      rd_kafka_DeleteTopic_new(topic_.c_str()));
  rd_kafka_DeleteTopic_t* requests[] = {request.get()};
  const QueueHandle queue(rd_kafka_queue_new(producer_->get()));
  rd_kafka_DeleteTopics(producer_->get(), requests, 1, nullptr, queue.get());
  Await(queue);
  for (const Deadline deadline(absl::Milliseconds(kTimeoutMs)); !deadline.Passed();) {
    const auto found = DescribeTopic(*producer_, topic_);
    if (found.ok() && !*found) return;
  }
  FAIL() << "the topic does not go";
}

void Outsider::AddPartitions(int partitions) {
  char problem[256];
  std::unique_ptr<rd_kafka_NewPartitions_t, Destroyer<rd_kafka_NewPartitions_destroy>> request(
      rd_kafka_NewPartitions_new(topic_.c_str(), partitions, problem, sizeof(problem)));
  rd_kafka_NewPartitions_t* requests[] = {request.get()};
  const QueueHandle queue(rd_kafka_queue_new(producer_->get()));
  rd_kafka_CreatePartitions(producer_->get(), requests, 1, nullptr, queue.get());
  Await(queue);
}

void Outsider::AlterTopic(const std::map<std::string, std::string>& settings) {
  std::unique_ptr<rd_kafka_ConfigResource_t, Destroyer<rd_kafka_ConfigResource_destroy>> request(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic_.c_str()));
  for (const auto& [name, value] : settings) {
    rd_kafka_error_destroy(rd_kafka_ConfigResource_add_incremental_config(
        request.get(), name.c_str(), RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value.c_str()));
  }
  rd_kafka_ConfigResource_t* requests[] = {request.get()};
  const QueueHandle queue(rd_kafka_queue_new(producer_->get()));
  rd_kafka_IncrementalAlterConfigs(producer_->get(), requests, 1, nullptr, queue.get());
  Await(queue);
  for (const Deadline deadline(absl::Milliseconds(kTimeoutMs)); !deadline.Passed();) {
    const auto now = Settings(topic_);
    bool all = true;
    for (const auto& [name, value] : settings) all = all && now.at(name) == value;
    if (all) return;
  }
  FAIL() << "the topic's settings do not change";
}

std::map<std::string, std::string> Outsider::Settings(const std::string& topic) {
  return DescribeTopicSettings(*producer_, topic).value();
}

void Outsider::ProduceWith(Client& client, const Message& message) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
  for (const Header& header : message.headers) {
    rd_kafka_header_add(headers, header.key.data(), static_cast<ssize_t>(header.key.size()), header.value.data(),
                        static_cast<ssize_t>(header.value.size()));
  }
  const rd_kafka_resp_err_t code = rd_kafka_producev(
      client.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(message.partition),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(Data(message.key), Size(message.key)),
      RD_KAFKA_V_VALUE(Data(message.value), Size(message.value)), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  ASSERT_EQ(code, RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_err2str(code);
  ASSERT_EQ(rd_kafka_flush(client.get(), kTimeoutMs), RD_KAFKA_RESP_ERR_NO_ERROR);
}

void Outsider::Produce(const Message& message) { ProduceWith(*producer_, message); }

void Outsider::ProduceInTransaction(const Message& message) {
  if (transactional_ == nullptr) {
    transactional_ = Make(RD_KAFKA_PRODUCER, {{"transactional.id", absl::StrCat("outsider.", topic_)}});
    ASSERT_EQ(ErrorHandle(rd_kafka_init_transactions(transactional_->get(), kTimeoutMs)), nullptr);
  }
  ASSERT_EQ(ErrorHandle(rd_kafka_begin_transaction(transactional_->get())), nullptr);
  ProduceWith(*transactional_, message);
}

void Outsider::EndTransaction(bool commit) {
  ASSERT_EQ(ErrorHandle(commit ? rd_kafka_commit_transaction(transactional_->get(), kTimeoutMs)
                               : rd_kafka_abort_transaction(transactional_->get(), kTimeoutMs)),
            nullptr);
}

std::vector<Outsider::Message> Outsider::Consume(const std::string& topic, int32_t partition, size_t count) {
  const auto consumer = Make(RD_KAFKA_CONSUMER, {{"group.id", "outsider"}, {"auto.offset.reset", "earliest"}});
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(consumer->get(), list.get());
  std::vector<Message> messages;
  while (messages.size() < count) {
    const MessageHandle message(rd_kafka_consumer_poll(consumer->get(), kTimeoutMs));
    EXPECT_NE(message, nullptr) << "only " << messages.size() << " of " << count << " records came";
    if (message == nullptr) break;
    EXPECT_EQ(message->err, RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_message_errstr(message.get());
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) break;
    Message copy{Copy(message->key, message->key_len), Copy(message->payload, message->len), {}, partition};
    rd_kafka_headers_t* headers = nullptr;
    rd_kafka_message_headers(message.get(), &headers);
    const char* name = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0; headers && rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i) {
      copy.headers.push_back({name, Copy(value, size).value_or("")});
    }
    messages.push_back(std::move(copy));
  }
  return messages;
}

std::vector<int64_t> Outsider::CommittedOffsets(const std::string& group, int partitions) {
  const auto consumer = Make(RD_KAFKA_CONSUMER, {{"group.id", group}});
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(partitions));
  for (int i = 0; i < partitions; ++i) rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), i);
  EXPECT_EQ(rd_kafka_committed(consumer->get(), list.get(), kTimeoutMs), RD_KAFKA_RESP_ERR_NO_ERROR);
  std::vector<int64_t> offsets;
  for (int i = 0; i < partitions; ++i) offsets.push_back(list->elems[i].offset);
  return offsets;
}

}  // namespace roster::event_log::kafka
