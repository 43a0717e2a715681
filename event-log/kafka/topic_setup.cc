#include "event-log/kafka/topic_setup.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/log.h"
#include "event-log/kafka/deadline.h"
#include "event-log/kafka/keep_waiting.h"

namespace roster::event_log::kafka {
namespace {

// request_ids answer for at least 24 hours and are pruned after 48 (see the command service): so long every event
// stays.
constexpr absl::Duration kMinCompactionLag = absl::Hours(48);

// Room for a record from outside that the main topic took under a raised limit, with the headers added to it.
constexpr char kLargestDeadLetterBytes[] = "134217728";

// With these, acks=all and min.insync.replicas=2, the log takes events while any one broker is away, and loses none.
constexpr int kUsefulReplicas = 3;

constexpr absl::Duration kCreationTimeout = absl::Seconds(5);
constexpr absl::Duration kLookAgainAfter = absl::Milliseconds(20);

std::map<std::string, std::string> KeepForever(int replication_factor) {
  std::map<std::string, std::string> settings = {
      {"cleanup.policy", "delete"}, {"retention.ms", "-1"}, {"retention.bytes", "-1"}};
  // With one replica in sync an acknowledged event would be on one disk only, in spite of acks=all.
  if (replication_factor >= kUsefulReplicas) settings["min.insync.replicas"] = "2";
  return settings;
}

NewTopic MainTopic(const ClientConfig& config, int partitions, int replication_factor) {
  return {config.topic(), partitions, replication_factor, KeepForever(replication_factor)};
}

NewTopic DeadLetterTopic(const ClientConfig& config, int replication_factor) {
  NewTopic topic{config.dead_letter_topic(), 1, replication_factor, KeepForever(replication_factor)};
  topic.settings["max.message.bytes"] = kLargestDeadLetterBytes;
  return topic;
}

// Its records prove the lead; of each key only the last one says anything.
NewTopic ControlTopic(const ClientConfig& config, int replication_factor) {
  NewTopic topic{config.control_topic(), 1, replication_factor, KeepForever(replication_factor)};
  topic.settings["cleanup.policy"] = "compact";
  // A segment is compacted only once the next one has begun.
  topic.settings["segment.bytes"] = "16777216";
  return topic;
}

// A numeric setting; absent where the topic does not say, or says no number.
std::optional<int64_t> Number(const std::map<std::string, std::string>& settings, const std::string& name) {
  const auto found = settings.find(name);
  int64_t value = 0;
  if (found == settings.end() || !absl::SimpleAtoi(found->second, &value)) return std::nullopt;
  return value;
}

absl::Status WouldLoseEvents(const std::string& topic, absl::string_view problem, absl::string_view setting) {
  return absl::FailedPreconditionError(absl::StrCat(
      "topic ", topic, " ", problem, ", so events would be lost; change it with: kafka-configs.sh --alter --topic ",
      topic, " --add-config ", setting));
}

absl::StatusOr<TopicDescription> CreateMissingTopic(const Client& client, const NewTopic& topic,
                                                    KeepWaiting keep_waiting) {
  ROSTER_ASSIGN_OR_RETURN(std::optional<TopicDescription> found, DescribeTopic(client, topic.name, keep_waiting));
  if (found) return *found;
  ROSTER_RETURN_IF_ERROR(CreateTopic(client, topic, keep_waiting));
  Log(LogLevel::kInfo, "created a topic",
      {{"topic", topic.name}, {"partitions", topic.partitions}, {"replication_factor", topic.replication_factor}});
  // The broker that is asked may hear of it a moment later.
  for (const Deadline deadline(kCreationTimeout); !deadline.Passed();) {
    ROSTER_ASSIGN_OR_RETURN(found, DescribeTopic(client, topic.name, keep_waiting));
    if (found) return *found;
    ROSTER_RETURN_IF_ERROR(Pause(kLookAgainAfter, keep_waiting));
  }
  return absl::UnavailableError(absl::StrCat("kafka: topic ", topic.name, " was created but is not there yet"));
}

}  // namespace

absl::Status CheckTopicSettings(const std::string& topic, const std::map<std::string, std::string>& settings) {
  const auto found = settings.find("cleanup.policy");
  const std::string policy = found == settings.end() ? "" : found->second;
  const std::vector<std::string> policies = absl::StrSplit(policy, ',', absl::SkipEmpty());
  for (const std::string& each : policies) {
    if (each != "delete" && each != "compact") {
      return WouldLoseEvents(topic, absl::StrCat("has the unknown cleanup.policy=", each), "cleanup.policy=delete");
    }
  }
  if (policies.empty() || absl::c_linear_search(policies, "delete")) {
    for (const char* limit : {"retention.ms", "retention.bytes"}) {
      const std::optional<int64_t> value = Number(settings, limit);
      if (value == -1) continue;
      const std::string problem =
          absl::StrCat("deletes old records (", limit, "=", value ? absl::StrCat(*value) : "unknown", ")");
      return WouldLoseEvents(topic, problem, absl::StrCat(limit, "=-1"));
    }
  }
  if (absl::c_linear_search(policies, "compact")) {
    const int64_t lag_ms = Number(settings, "min.compaction.lag.ms").value_or(0);
    const int64_t needed_ms = absl::ToInt64Milliseconds(kMinCompactionLag);
    if (lag_ms < needed_ms) {
      return WouldLoseEvents(topic, absl::StrCat("is compacted too soon (min.compaction.lag.ms=", lag_ms, ")"),
                             absl::StrCat("min.compaction.lag.ms=", needed_ms));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TopicDescription> SetUpTopics(const Client& client, const ClientConfig& config, int partitions,
                                             int replication_factor, KeepWaiting keep_waiting) {
  if (replication_factor == kAsManyAsUseful) {
    ROSTER_ASSIGN_OR_RETURN(const int brokers, CountBrokers(client, keep_waiting));
    replication_factor = std::clamp(brokers, 1, kUsefulReplicas);
  }
  std::vector<TopicDescription> topics;
  for (const NewTopic& topic :
       {MainTopic(config, partitions, replication_factor), ControlTopic(config, replication_factor),
        DeadLetterTopic(config, replication_factor)}) {
    ROSTER_ASSIGN_OR_RETURN(topics.emplace_back(), CreateMissingTopic(client, topic, keep_waiting));
  }
  if (topics[1].partitions != 1) {
    return absl::FailedPreconditionError(absl::StrCat("topic ", config.control_topic(), " has ", topics[1].partitions,
                                                      " partitions and must have 1; delete it, Roster makes it anew"));
  }
  ROSTER_ASSIGN_OR_RETURN(const auto settings, DescribeTopicSettings(client, config.topic(), keep_waiting));
  ROSTER_RETURN_IF_ERROR(CheckTopicSettings(config.topic(), settings));
  return topics[0];
}

}  // namespace roster::event_log::kafka
