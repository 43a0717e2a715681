#include "event-log/kafka/admin.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "event-log/kafka/deadline.h"
#include "event-log/kafka/kafka_error.h"

namespace roster::event_log::kafka {
namespace {

constexpr absl::Duration kAdminTimeout = absl::Seconds(5);
// How often keep_waiting is asked.
constexpr absl::Duration kKeepWaitingEvery = absl::Milliseconds(100);

AdminOptionsHandle MakeOptions(const Client& client, rd_kafka_admin_op_t operation) {
  AdminOptionsHandle options(rd_kafka_AdminOptions_new(client.get(), operation));
  char problem[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), ToTimeoutMs(kAdminTimeout), problem, sizeof(problem));
  return options;
}

QueueHandle MakeQueue(const Client& client) { return QueueHandle(rd_kafka_queue_new(client.get())); }

absl::StatusOr<EventHandle> WaitForAnswer(rd_kafka_queue_t* queue, KeepWaiting keep_waiting) {
  for (const Deadline deadline(kAnswerTimeout); !deadline.Passed();) {
    EventHandle event(rd_kafka_queue_poll(queue, ToTimeoutMs(kKeepWaitingEvery)));
    if (event != nullptr) return event;
    if (!keep_waiting()) return absl::CancelledError("kafka: gave up waiting for an answer");
  }
  return absl::UnavailableError("kafka: the client library did not answer a request");
}

absl::Status ErrorOf(const Client& client, const rd_kafka_event_t* event, absl::string_view what) {
  const rd_kafka_resp_err_t code = rd_kafka_event_error(const_cast<rd_kafka_event_t*>(event));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  const char* text = rd_kafka_event_error_string(const_cast<rd_kafka_event_t*>(event));
  return ToStatus(code, what, absl::StrCat(text == nullptr ? rd_kafka_err2str(code) : text, client.LastErrorSuffix()));
}

PartitionListHandle AllPartitions(const std::string& topic, int partitions, int64_t offset) {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(partitions));
  for (int partition = 0; partition < partitions; ++partition) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  }
  return list;
}

}  // namespace

void AskDescribeTopic(const Client& client, const std::string& topic, rd_kafka_queue_t* answers) {
  const char* names[] = {topic.c_str()};
  const TopicCollectionHandle topics(rd_kafka_TopicCollection_of_topic_names(names, 1));
  const AdminOptionsHandle options = MakeOptions(client, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS);
  rd_kafka_DescribeTopics(client.get(), topics.get(), options.get(), answers);
}

absl::StatusOr<std::optional<TopicDescription>> ReadDescribeTopic(const Client& client, rd_kafka_event_t* answer) {
  constexpr absl::string_view kWhat = "cannot ask for the topic";
  ROSTER_RETURN_IF_ERROR(ErrorOf(client, answer, kWhat));
  size_t count = 0;
  const auto* topics = rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(answer), &count);
  if (count != 1) return absl::UnavailableError("kafka: the answer names no topic");
  const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(topics[0]);
  const rd_kafka_resp_err_t code = rd_kafka_error_code(error);
  if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::optional<TopicDescription>();
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const std::string right = DescribeTopicRight(rd_kafka_TopicDescription_name(topics[0]));
    return ToStatus(code, kWhat, absl::StrCat(rd_kafka_error_string(error), MissingRight(code, right)));
  }
  TopicDescription description;
  const rd_kafka_TopicPartitionInfo_t** partitions = rd_kafka_TopicDescription_partitions(topics[0], &count);
  description.partitions = static_cast<int>(count);
  for (int i = 0; i < description.partitions; ++i) {
    size_t replicas = 0;
    rd_kafka_TopicPartitionInfo_replicas(partitions[i], &replicas);
    const int copies = static_cast<int>(replicas);
    description.replication_factor = i == 0 ? copies : std::min(description.replication_factor, copies);
  }
  if (const rd_kafka_Uuid_t* id = rd_kafka_TopicDescription_topic_id(topics[0])) {
    description.topic_id =
        absl::StrCat(rd_kafka_Uuid_most_significant_bits(id), "/", rd_kafka_Uuid_least_significant_bits(id));
  }
  return std::optional<TopicDescription>(std::move(description));
}

absl::StatusOr<std::optional<TopicDescription>> DescribeTopic(const Client& client, const std::string& topic,
                                                              KeepWaiting keep_waiting) {
  const QueueHandle answers = MakeQueue(client);
  AskDescribeTopic(client, topic, answers.get());
  ROSTER_ASSIGN_OR_RETURN(const EventHandle answer, WaitForAnswer(answers.get(), keep_waiting));
  return ReadDescribeTopic(client, answer.get());
}

absl::StatusOr<int> CountBrokers(const Client& client, KeepWaiting keep_waiting) {
  const AdminOptionsHandle options = MakeOptions(client, RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER);
  const QueueHandle answers = MakeQueue(client);
  rd_kafka_DescribeCluster(client.get(), options.get(), answers.get());
  ROSTER_ASSIGN_OR_RETURN(const EventHandle answer, WaitForAnswer(answers.get(), keep_waiting));
  ROSTER_RETURN_IF_ERROR(ErrorOf(client, answer.get(), "cannot ask for the brokers"));
  size_t count = 0;
  rd_kafka_DescribeCluster_result_nodes(rd_kafka_event_DescribeCluster_result(answer.get()), &count);
  return static_cast<int>(count);
}

absl::StatusOr<std::map<std::string, std::string>> DescribeTopicSettings(const Client& client, const std::string& topic,
                                                                         KeepWaiting keep_waiting) {
  const std::string what = absl::StrCat("cannot read the settings of topic ", topic);
  const ConfigResourceHandle resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  const AdminOptionsHandle options = MakeOptions(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
  const QueueHandle answers = MakeQueue(client);
  rd_kafka_ConfigResource_t* resources[] = {resource.get()};
  rd_kafka_DescribeConfigs(client.get(), resources, 1, options.get(), answers.get());
  ROSTER_ASSIGN_OR_RETURN(const EventHandle answer, WaitForAnswer(answers.get(), keep_waiting));
  ROSTER_RETURN_IF_ERROR(ErrorOf(client, answer.get(), what));
  size_t count = 0;
  const auto* described =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(answer.get()), &count);
  if (count != 1) return absl::UnavailableError(absl::StrCat("kafka: ", what, ": the answer names no topic"));
  if (const rd_kafka_resp_err_t code = rd_kafka_ConfigResource_error(described[0])) {
    const char* text = rd_kafka_ConfigResource_error_string(described[0]);
    return ToStatus(code, what,
                    absl::StrCat(text == nullptr ? rd_kafka_err2str(code) : text,
                                 MissingRight(code, absl::StrCat("DescribeConfigs on topic ", topic))));
  }
  std::map<std::string, std::string> settings;
  const auto* entries = rd_kafka_ConfigResource_configs(described[0], &count);
  for (size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    settings[rd_kafka_ConfigEntry_name(entries[i])] = value == nullptr ? "" : value;
  }
  return settings;
}

absl::Status CreateTopic(const Client& client, const NewTopic& topic, KeepWaiting keep_waiting) {
  const std::string what = absl::StrCat("cannot create topic ", topic.name);
  char problem[512];
  const NewTopicHandle request(
      rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions, topic.replication_factor, problem, sizeof(problem)));
  if (request == nullptr) return absl::FailedPreconditionError(absl::StrCat("kafka: ", what, ": ", problem));
  for (const auto& [name, value] : topic.settings) {
    rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
  }
  const AdminOptionsHandle options = MakeOptions(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
  const QueueHandle answers = MakeQueue(client);
  rd_kafka_NewTopic_t* requests[] = {request.get()};
  rd_kafka_CreateTopics(client.get(), requests, 1, options.get(), answers.get());
  ROSTER_ASSIGN_OR_RETURN(const EventHandle answer, WaitForAnswer(answers.get(), keep_waiting));
  ROSTER_RETURN_IF_ERROR(ErrorOf(client, answer.get(), what));
  size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    const char* text = rd_kafka_topic_result_error_string(results[i]);
    return ToStatus(code, what,
                    absl::StrCat(text == nullptr ? rd_kafka_err2str(code) : text,
                                 MissingRight(code, absl::StrCat("Create on topic ", topic.name))));
  }
  return absl::OkStatus();
}

void AskListOffsets(const Client& client, const std::string& topic, int partitions, LogEnd end,
                    rd_kafka_queue_t* answers) {
  const AdminOptionsHandle options = MakeOptions(client, RD_KAFKA_ADMIN_OP_LISTOFFSETS);
  const ErrorHandle unused(rd_kafka_AdminOptions_set_isolation_level(
      options.get(), end == LogEnd::kLastStable ? RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
                                                : RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED));
  const PartitionListHandle list = AllPartitions(
      topic, partitions, end == LogEnd::kFirst ? RD_KAFKA_OFFSET_SPEC_EARLIEST : RD_KAFKA_OFFSET_SPEC_LATEST);
  rd_kafka_ListOffsets(client.get(), list.get(), options.get(), answers);
}

absl::StatusOr<std::vector<int64_t>> ReadListOffsets(const Client& client, rd_kafka_event_t* answer, int partitions) {
  constexpr absl::string_view kWhat = "cannot ask for the end of the log";
  ROSTER_RETURN_IF_ERROR(ErrorOf(client, answer, kWhat));
  size_t count = 0;
  const auto* infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(answer), &count);
  std::vector<int64_t> offsets(partitions, -1);
  for (size_t i = 0; i < count; ++i) {
    const auto* info = rd_kafka_ListOffsetsResultInfo_topic_partition(infos[i]);
    if (info->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const std::string right = DescribeTopicRight(info->topic);
      return ToStatus(info->err, kWhat, absl::StrCat(rd_kafka_err2str(info->err), MissingRight(info->err, right)));
    }
    if (info->partition >= 0 && info->partition < partitions) offsets[info->partition] = info->offset;
  }
  for (const int64_t offset : offsets) {
    if (offset < 0) return absl::UnavailableError(absl::StrCat("kafka: ", kWhat, ": a partition gave none"));
  }
  return offsets;
}

absl::StatusOr<std::vector<int64_t>> ListOffsets(const Client& client, const std::string& topic, int partitions,
                                                 LogEnd end, KeepWaiting keep_waiting) {
  const QueueHandle answers = MakeQueue(client);
  AskListOffsets(client, topic, partitions, end, answers.get());
  ROSTER_ASSIGN_OR_RETURN(const EventHandle answer, WaitForAnswer(answers.get(), keep_waiting));
  return ReadListOffsets(client, answer.get(), partitions);
}

}  // namespace roster::event_log::kafka
