#include "bench/ceilings/bare_kafka.h"

#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/uuid.h"

namespace roster::bench {
namespace {

constexpr int kTimeoutMs = 30'000;
// About what one SignUpUser event takes on the log, headers included.
constexpr int kRecordBytes = 512;

using KafkaSettings = std::vector<std::pair<const char*, std::string>>;

absl::Status ToStatus(rd_kafka_error_t* error) {
  if (error == nullptr) return absl::OkStatus();
  const absl::Cleanup destroy = [error] { rd_kafka_error_destroy(error); };
  return absl::UnavailableError(rd_kafka_error_string(error));
}

absl::StatusOr<KafkaClient> Make(rd_kafka_type_t type, const std::string& brokers, const KafkaSettings& settings,
                                 OnDelivery on_delivery = nullptr) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char problem[512] = "";
  KafkaSettings all = settings;
  all.emplace_back("bootstrap.servers", brokers);
  for (const auto& [name, value] : all) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), problem, sizeof(problem)) == RD_KAFKA_CONF_OK) continue;
    rd_kafka_conf_destroy(conf);
    return absl::InternalError(problem);
  }
  if (on_delivery != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  KafkaClient client(rd_kafka_new(type, conf, problem, sizeof(problem)));
  if (client == nullptr) return absl::InternalError(problem);
  return client;
}

}  // namespace

absl::StatusOr<KafkaClient> MakeBareProducer(const std::string& brokers, const std::string& transactional_id,
                                             OnDelivery on_delivery) {
  KafkaSettings settings = {{"acks", "all"},
                            {"enable.idempotence", "true"},
                            {"partitioner", "murmur2_random"},
                            {"compression.type", "lz4"},
                            {"linger.ms", "0"},
                            {"socket.nagle.disable", "true"},
                            {"batch.num.messages", "10000"},
                            {"batch.size", "1000000"}};
  if (!transactional_id.empty()) settings.emplace_back("transactional.id", transactional_id);
  ROSTER_ASSIGN_OR_RETURN(KafkaClient producer, Make(RD_KAFKA_PRODUCER, brokers, settings, on_delivery));
  if (!transactional_id.empty()) {
    ROSTER_RETURN_IF_ERROR(ToStatus(rd_kafka_init_transactions(producer.get(), kTimeoutMs)));
  }
  return producer;
}

absl::StatusOr<KafkaClient> MakeBareConsumer(const std::string& brokers, const std::string& topic, int partitions,
                                             int64_t offset) {
  ROSTER_ASSIGN_OR_RETURN(KafkaClient consumer, Make(RD_KAFKA_CONSUMER, brokers,
                                                     {{"group.id", "bench"},
                                                      {"isolation.level", "read_committed"},
                                                      {"enable.auto.commit", "false"},
                                                      {"enable.partition.eof", "true"},
                                                      {"fetch.wait.max.ms", "100"}}));
  rd_kafka_poll_set_consumer(consumer.get());
  rd_kafka_topic_partition_list_t* assigned = rd_kafka_topic_partition_list_new(partitions);
  const absl::Cleanup destroy = [assigned] { rd_kafka_topic_partition_list_destroy(assigned); };
  for (int i = 0; i < partitions; ++i) rd_kafka_topic_partition_list_add(assigned, topic.c_str(), i)->offset = offset;
  if (const rd_kafka_resp_err_t error = rd_kafka_assign(consumer.get(), assigned)) {
    return absl::UnavailableError(rd_kafka_err2str(error));
  }
  return consumer;
}

absl::StatusOr<std::string> MakeBareTopic(const std::string& brokers, int partitions) {
  const std::string name = absl::StrCat("bare-", UuidV7Generator(SystemClock()).Next());
  ROSTER_ASSIGN_OR_RETURN(const KafkaClient admin, Make(RD_KAFKA_PRODUCER, brokers, {}));
  char problem[512] = "";
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), partitions, 1, problem, sizeof(problem));
  rd_kafka_queue_t* answers = rd_kafka_queue_new(admin.get());
  const absl::Cleanup destroy = [&] {
    rd_kafka_NewTopic_destroy(topic);
    rd_kafka_queue_destroy(answers);
  };
  rd_kafka_CreateTopics(admin.get(), &topic, 1, nullptr, answers);
  rd_kafka_event_t* answer = rd_kafka_queue_poll(answers, kTimeoutMs);
  if (answer == nullptr) return absl::UnavailableError("the broker does not answer");
  const rd_kafka_resp_err_t error = rd_kafka_event_error(answer);
  rd_kafka_event_destroy(answer);
  if (error) return absl::UnavailableError(rd_kafka_err2str(error));
  return name;
}

absl::Status ProduceBare(rd_kafka_t* producer, const std::string& topic, int64_t key, void* tag) {
  // Half of it does not compress, as ids and hashes do not.
  static const std::string* const value = [] {
    auto* bytes = new std::string(kRecordBytes, 'x');
    uint32_t state = 1;
    for (int i = 0; i < kRecordBytes / 2; ++i)
      (*bytes)[i] = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
  }();
  const std::string key_text = absl::StrCat("bare-user-", key);
  const rd_kafka_resp_err_t error =
      rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_KEY(key_text.data(), key_text.size()),
                        RD_KAFKA_V_VALUE(const_cast<char*>(value->data()), value->size()),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(tag), RD_KAFKA_V_END);
  if (error) return absl::UnavailableError(rd_kafka_err2str(error));
  return absl::OkStatus();
}

absl::Status ProduceBareTransaction(rd_kafka_t* producer, const std::string& topic, int64_t first_key, int records) {
  ROSTER_RETURN_IF_ERROR(ToStatus(rd_kafka_begin_transaction(producer)));
  for (int i = 0; i < records; ++i) ROSTER_RETURN_IF_ERROR(ProduceBare(producer, topic, first_key + i, nullptr));
  return ToStatus(rd_kafka_commit_transaction(producer, kTimeoutMs));
}

}  // namespace roster::bench
