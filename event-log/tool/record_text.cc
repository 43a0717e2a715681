#include "event-log/tool/record_text.h"

#include <variant>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/json_text.h"
#include "google/protobuf/util/json_util.h"
#include "user-event/occurred_at.h"
#include "user-event/sort_record.h"

namespace roster::event_log::tool {
namespace {

// What Roster writes, none of it personal.
constexpr absl::string_view kKnownHeaders[] = {"ce_specversion", "ce_id",        "ce_type",    "ce_source",
                                               "ce_time",        "content-type", "event_type", "event_id",
                                               "produced_at",    "traceparent"};

// One line of the text, or one member of the JSON object.
struct Field {
  std::string name;
  std::string value;
  bool quoted = true;
};

std::string Time(const v1::UserEvent& event) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", user_event::OccurredAt(event), absl::UTCTimeZone());
}

std::string AsJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  // What cannot be written so, such as a time out of range, is left out.
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "null";
  return json;
}

std::string Bytes(const std::optional<std::string>& bytes, const RecordTextOptions& options) {
  if (!bytes) return "none";
  if (!options.with_personal_data) return absl::StrCat("hidden, ", bytes->size(), " bytes");
  return options.json ? *bytes : absl::CEscape(*bytes);
}

void AddEvent(const v1::UserEvent& event, const RecordTextOptions& options, std::vector<Field>& fields) {
  fields.push_back({"kind", "user event"});
  fields.push_back({"key", options.json ? event.user_id() : absl::CEscape(event.user_id())});
  fields.push_back({"sequence", absl::StrCat(event.sequence()), false});
  fields.push_back({"user_version", absl::StrCat(event.user_version()), false});
  fields.push_back({"event_id", event.event_id()});
  fields.push_back({"time", Time(event)});
  if (options.with_personal_data) fields.push_back({"event", AsJson(event), false});
}

void AddSorted(const StoredRecord& record, const RecordTextOptions& options, std::vector<Field>& fields) {
  std::vector<HeaderView> headers;
  const user_event::SortedRecord sorted = user_event::SortRecord(ViewOf(record, headers));
  if (const auto* event = std::get_if<v1::UserEvent>(&sorted)) return AddEvent(*event, options, fields);
  if (const auto* identity = std::get_if<LogIdentity>(&sorted)) {
    fields.push_back({"kind", "genesis"});
    fields.push_back({"log_id", identity->log_id});
    fields.push_back({"partitions", absl::StrCat(identity->partitions), false});
    return;
  }
  const auto& unreadable = std::get<user_event::Unreadable>(sorted);
  fields.push_back({"kind", "unreadable"});
  fields.push_back({"reason", absl::StrCat(unreadable.reason, ": ", unreadable.message)});
  fields.push_back({"key", Bytes(record.record.key, options)});
  fields.push_back({"value", Bytes(record.record.value, options)});
}

std::string HeaderValue(const Header& header, const RecordTextOptions& options) {
  if (absl::c_linear_search(kKnownHeaders, header.key))
    return options.json ? header.value : absl::CEscape(header.value);
  return Bytes(header.value, options);
}

// As an object where the names are unique, which those of Roster are; a later one of the same name stands beside it.
std::string JsonHeaders(const std::vector<Header>& headers, const RecordTextOptions& options) {
  std::string json = "{";
  for (const Header& header : headers) AppendJsonMember(header.key, HeaderValue(header, options), true, json);
  return json + "}";
}

std::string TextHeaders(const std::vector<Header>& headers, const RecordTextOptions& options) {
  std::string text;
  for (const Header& header : headers) {
    absl::StrAppend(&text, text.empty() ? "" : " ", absl::CEscape(header.key), "=", HeaderValue(header, options));
  }
  return text;
}

}  // namespace

std::string RecordText(const StoredRecord& record, const RecordTextOptions& options) {
  std::vector<Field> fields;
  AddSorted(record, options, fields);
  if (!record.record.headers.empty()) {
    const std::vector<Header>& headers = record.record.headers;
    fields.push_back({"headers", options.json ? JsonHeaders(headers, options) : TextHeaders(headers, options), false});
  }
  if (options.json) {
    std::string json = "{";
    AppendJsonMember("partition", absl::StrCat(record.location.partition), false, json);
    AppendJsonMember("offset", absl::StrCat(record.location.offset), false, json);
    for (const Field& field : fields) AppendJsonMember(field.name, field.value, field.quoted, json);
    return json + "}\n";
  }
  std::string text = absl::StrCat("partition ", record.location.partition, ", offset ", record.location.offset, "\n");
  for (const Field& field : fields) absl::StrAppend(&text, "  ", field.name, ": ", field.value, "\n");
  return text;
}

}  // namespace roster::event_log::tool
