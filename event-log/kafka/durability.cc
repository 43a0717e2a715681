#include "event-log/kafka/durability.h"

#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"

namespace roster::event_log::kafka {
namespace {

constexpr char kMinInSync[] = "min.insync.replicas";

std::string TwoInSync(absl::string_view topic) {
  return absl::StrCat("kafka-configs.sh --alter --topic ", topic, " --add-config ", kMinInSync, "=2");
}

}  // namespace

std::optional<DurabilityGap> FindDurabilityGap(absl::string_view topic, const Durability& durability) {
  if (durability.replication_factor >= 2 && durability.min_insync_replicas >= 2) return std::nullopt;
  if (durability.replication_factor >= 2) {
    const std::string remedy =
        durability.replication_factor >= 3
            ? TwoInSync(topic)
            : absl::StrCat("give each partition 3 copies (kafka-reassign-partitions.sh), then ", TwoInSync(topic),
                           "; with 2 copies no event is taken while a broker is away");
    return DurabilityGap{LogLevel::kWarning, "ONE_IN_SYNC_REPLICA", remedy};
  }
  if (durability.brokers <= 1) {
    return DurabilityGap{LogLevel::kInfo, "ONE_BROKER", "three brokers, and a topic with 3 copies"};
  }
  return DurabilityGap{
      LogLevel::kWarning, "ONE_REPLICA",
      absl::StrCat("give each partition 3 copies (kafka-reassign-partitions.sh), then ", TwoInSync(topic))};
}

absl::StatusOr<Durability> ReadDurability(const Client& client, const std::string& topic,
                                          const TopicDescription& description, KeepWaiting keep_waiting) {
  ROSTER_ASSIGN_OR_RETURN(const int brokers, CountBrokers(client, keep_waiting));
  ROSTER_ASSIGN_OR_RETURN(const auto settings, DescribeTopicSettings(client, topic, keep_waiting));
  Durability durability{.brokers = brokers, .replication_factor = description.replication_factor};
  const auto found = settings.find(kMinInSync);
  if (found == settings.end() || !absl::SimpleAtoi(found->second, &durability.min_insync_replicas)) {
    durability.min_insync_replicas = 1;
  }
  return durability;
}

void LogDurability(const std::string& topic, const Durability& durability) {
  const auto gap = FindDurabilityGap(topic, durability);
  if (!gap) return;
  Log(gap->level, "the loss of one broker can lose acknowledged commands",
      {{"reason", gap->reason},
       {"topic", topic},
       {"brokers", durability.brokers},
       {"replication_factor", durability.replication_factor},
       {"min_insync_replicas", durability.min_insync_replicas},
       {"remedy", gap->remedy}});
}

}  // namespace roster::event_log::kafka
