#include "projector/operator_output.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "roster/v1/user_event.pb.h"

namespace roster::projector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kMaxShownBytes = 4096;

std::string StateName(read_model::DeadLetterState state) {
  switch (state) {
    case read_model::DeadLetterState::kOpen:
      return "open";
    case read_model::DeadLetterState::kRedriven:
      return "redriven";
    case read_model::DeadLetterState::kDiscarded:
      return "discarded";
  }
  return "unknown";
}

// "active" of USER_STATUS_ACTIVE; a status that this program does not know by its number.
std::string StatusName(int status) {
  const std::string name = v1::UserStatus_Name(static_cast<v1::UserStatus>(status));
  if (name.empty()) return absl::StrCat("status ", status);
  return absl::AsciiStrToLower(absl::StripPrefix(name, "USER_STATUS_"));
}

// The value as an event, where it parses: also one that breaks a rule, so that an operator sees which.
std::string EventText(const std::optional<std::string>& value) {
  v1::UserEvent event;
  if (!value || value->empty() || !event.ParseFromString(*value)) return "";
  return event.Utf8DebugString();
}

std::string Shown(absl::string_view bytes) {
  if (bytes.size() <= kMaxShownBytes) return absl::StrCat("\"", absl::CEscape(bytes), "\"");
  return absl::StrCat("\"", absl::CEscape(bytes.substr(0, kMaxShownBytes)), "\" ... (the first ", kMaxShownBytes,
                      " of ", bytes.size(), " bytes; --output json has all)");
}

std::string Positions(const google::protobuf::RepeatedField<int64_t>& next_offsets) {
  return absl::StrJoin(next_offsets, ",");
}

}  // namespace

control::DeadLetterSummary ToProto(const read_model::DeadLetterRow& row) {
  control::DeadLetterSummary summary;
  summary.set_partition(row.id.partition);
  summary.set_offset(row.id.offset);
  summary.set_state(StateName(row.state));
  summary.set_reason(row.reason);
  summary.set_message(row.message);
  summary.set_user_id(row.user_id.value_or(""));
  if (row.value_bytes) summary.set_value_bytes(*row.value_bytes);
  *summary.mutable_fold_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(row.folded_at));
  summary.set_copied(row.copied);
  return summary;
}

control::DeadLetterDetails ToProto(const read_model::StoredDeadLetter& stored) {
  const read_model::DeadLetter& letter = stored.letter;
  read_model::DeadLetterRow row{letter.id,        letter.user_id, letter.reason, letter.message,
                                stored.folded_at, stored.state,   stored.copied, std::nullopt};
  if (letter.value) row.value_bytes = static_cast<int64_t>(letter.value->size());
  control::DeadLetterDetails details;
  *details.mutable_summary() = ToProto(row);
  for (const auto& [key, value] : letter.headers) {
    control::RecordHeader& header = *details.add_headers();
    header.set_key(key);
    header.set_value(value);
  }
  if (letter.key) details.set_key(*letter.key);
  if (letter.value) details.set_value(*letter.value);
  details.set_user_event(EventText(letter.value));
  return details;
}

control::ReadModelStatus ToProto(const read_model::Summary& summary, absl::Time now) {
  control::ReadModelStatus status;
  status.set_log_id(summary.position.log_id);
  for (const int64_t offset : summary.position.next_offsets) status.add_next_offsets(offset);
  status.set_generation(summary.generation);
  if (summary.made_at) {
    *status.mutable_generation_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(*summary.made_at));
  }
  if (summary.fresh_as_of) {
    *status.mutable_fresh_as_of() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(*summary.fresh_as_of));
    status.set_lag_seconds(absl::ToDoubleSeconds(now - *summary.fresh_as_of));
  }
  for (const auto& [user_status, users] : summary.users_by_status) {
    control::StatusCount& count = *status.add_users();
    count.set_status(StatusName(user_status));
    count.set_users(users);
  }
  for (const auto& [state, letters] : summary.dead_letters) {
    if (state == read_model::DeadLetterState::kOpen) status.set_open_dead_letters(letters);
    if (state == read_model::DeadLetterState::kRedriven) status.set_redriven_dead_letters(letters);
    if (state == read_model::DeadLetterState::kDiscarded) status.set_discarded_dead_letters(letters);
  }
  return status;
}

void AddLag(const Lag& lag, absl::Time now, control::ReadModelStatus& status) {
  int64_t records = 0;
  for (size_t i = 0; i < lag.partitions.size(); ++i) {
    control::PartitionStatus& partition = *status.add_partitions();
    partition.set_partition(static_cast<int32_t>(i));
    if (static_cast<int>(i) < status.next_offsets_size()) {
      partition.set_next_offset(status.next_offsets(static_cast<int>(i)));
    }
    partition.set_lag_records(lag.partitions[i].records);
    if (lag.partitions[i].oldest) {
      partition.set_lag_seconds(std::max(0.0, absl::ToDoubleSeconds(now - *lag.partitions[i].oldest)));
    }
    records += lag.partitions[i].records;
  }
  status.set_lag_records(records);
  status.set_lag_is_more(!lag.complete);
}

control::ReadModelDigest ToProto(const read_model::Digest& digest) {
  control::ReadModelDigest result;
  result.set_log_id(digest.position.log_id);
  for (const int64_t offset : digest.position.next_offsets) result.add_next_offsets(offset);
  result.set_users(digest.users);
  result.set_users_digest(digest.users_digest);
  return result;
}

void AddOutputOption(CLI::App& command, std::string& output) {
  command.add_option("--output", output, "table, or json: one object a line")
      ->capture_default_str()
      ->configurable(false)
      ->check(CLI::IsMember({"table", "json"}));
}

std::string ToJsonLine(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  // Cannot fail for messages made here: all times are valid.
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json + "\n";
}

std::string DeadLetterTableHead() {
  return absl::StrFormat("%-9s  %-12s  %-9s  %-18s  %10s  %-24s  %s\n", "PARTITION", "OFFSET", "STATE", "REASON",
                         "BYTES", "FOLDED", "USER_ID");
}

std::string ToTableRow(const control::DeadLetterSummary& summary) {
  const std::string bytes = summary.has_value_bytes() ? absl::StrCat(summary.value_bytes()) : "none";
  return absl::StrFormat("%-9d  %-12d  %-9s  %-18s  %10s  %-24s  %s\n", summary.partition(), summary.offset(),
                         summary.state(), summary.reason(), bytes,
                         TimeUtil::ToString(summary.fold_time()).substr(0, 24), summary.user_id());
}

std::string ToTableRow(const control::DeadLetterOutcome& outcome) {
  return absl::StrFormat("partition %d, offset %d: %s%s\n", outcome.partition(), outcome.offset(), outcome.outcome(),
                         outcome.message().empty() ? "" : ": " + outcome.message());
}

std::string ToText(const control::DeadLetterDetails& details) {
  const control::DeadLetterSummary& summary = details.summary();
  std::string text = absl::StrCat(
      "partition  ", summary.partition(), "\noffset     ", summary.offset(), "\nstate      ", summary.state(),
      "\nreason     ", summary.reason(), ": ", summary.message(), "\nuser_id    ", summary.user_id(), "\nfolded     ",
      TimeUtil::ToString(summary.fold_time()), "\ncopied     ", summary.copied() ? "yes" : "no", "\n");
  for (const control::RecordHeader& header : details.headers()) {
    absl::StrAppend(&text, "header     ", absl::CEscape(header.key()), " = ", Shown(header.value()), "\n");
  }
  absl::StrAppend(&text, "key        ", details.has_key() ? Shown(details.key()) : "none", "\n");
  absl::StrAppend(&text, "value      ", details.has_value() ? Shown(details.value()) : "none", "\n");
  if (!details.user_event().empty()) absl::StrAppend(&text, "\nroster.v1.UserEvent:\n", details.user_event());
  return text;
}

std::string ToText(const control::ReadModelStatus& status) {
  std::string text = absl::StrCat(
      "projector     ", status.projector(), "\ngeneration    ", status.generation(),
      status.has_generation_time() ? absl::StrCat(", made at ", TimeUtil::ToString(status.generation_time())) : "",
      "\nlog           ", status.log_id().empty() ? "not read yet" : status.log_id(), "\nnext offsets  ",
      Positions(status.next_offsets()), "\nfresh as of   ");
  if (status.has_fresh_as_of()) {
    absl::StrAppendFormat(&text, "%s (%.1f s ago)\n", TimeUtil::ToString(status.fresh_as_of()), status.lag_seconds());
  } else {
    absl::StrAppend(&text, "has never reached the end of the log\n");
  }
  if (status.has_lag_records()) {
    const char* more = status.lag_is_more() ? "more than " : "";
    absl::StrAppend(&text, "lag           ", more, status.lag_records(), " records\n");
    for (const control::PartitionStatus& partition : status.partitions()) {
      absl::StrAppendFormat(&text, "  partition %-3d next offset %d, %d records behind", partition.partition(),
                            partition.next_offset(), partition.lag_records());
      if (partition.lag_seconds() > 0) absl::StrAppendFormat(&text, ", for %.1f s", partition.lag_seconds());
      absl::StrAppend(&text, "\n");
    }
  } else {
    absl::StrAppend(&text, "lag           unknown: ", status.lag_unknown(), "\n");
  }
  for (const control::StatusCount& count : status.users()) {
    absl::StrAppendFormat(&text, "users         %d %s\n", count.users(), count.status());
  }
  absl::StrAppend(&text, "dead letters  ", status.open_dead_letters(), " open, ", status.redriven_dead_letters(),
                  " redriven, ", status.discarded_dead_letters(), " discarded\n");
  return text;
}

std::string ToText(const control::ReadModelDigest& digest) {
  return absl::StrCat("log           ", digest.log_id(), "\nnext offsets  ", Positions(digest.next_offsets()),
                      "\nusers         ", digest.users(), "\nusers digest  ", digest.users_digest(), "\n");
}

}  // namespace roster::projector
