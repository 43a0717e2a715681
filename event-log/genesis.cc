#include "event-log/genesis.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/uuid.h"

namespace roster::event_log {
namespace {

// More than any Kafka topic has. A fold makes room for so many.
constexpr int kMaxPartitions = 100'000;

}  // namespace

Record MakeGenesisRecord(const LogIdentity& identity, absl::Time now) {
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", now, absl::UTCTimeZone());
  return Record{.key = std::string(kGenesisKey),
                .value = absl::StrCat(kGenesisType, " ", identity.log_id, " ", identity.partitions),
                .headers = {{"ce_specversion", "1.0"},
                            {"ce_id", identity.log_id},
                            {"ce_type", std::string(kGenesisType)},
                            {"ce_source", "roster"},
                            {"ce_time", time},
                            {"content-type", "text/plain"}}};
}

std::optional<LogIdentity> ParseGenesisRecord(const RecordView& record) {
  if (record.location.partition != 0 || record.key != kGenesisKey || !record.value) return std::nullopt;
  const std::vector<absl::string_view> parts = absl::StrSplit(*record.value, ' ');
  LogIdentity identity;
  if (parts.size() != 3 || parts[0] != kGenesisType || !IsUuid(parts[1])) return std::nullopt;
  if (!absl::SimpleAtoi(parts[2], &identity.partitions) || absl::StrCat(identity.partitions) != parts[2]) {
    return std::nullopt;
  }
  if (identity.partitions < 1 || identity.partitions > kMaxPartitions) return std::nullopt;
  identity.log_id = std::string(parts[1]);
  return identity;
}

}  // namespace roster::event_log
