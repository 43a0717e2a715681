#include "clients/cli/user_format.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "clients/cli/terminal_text.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace roster::cli {
namespace {

constexpr absl::string_view kStatusPrefix = "USER_STATUS_";

}  // namespace

std::string StatusName(v1::UserStatus status) {
  const std::string name = v1::UserStatus_Name(status);
  if (name.empty()) return absl::StrCat(static_cast<int>(status));
  return absl::AsciiStrToLower(absl::StripPrefix(name, kStatusPrefix));
}

absl::StatusOr<v1::UserStatus> ParseStatus(absl::string_view name) {
  v1::UserStatus status;
  const std::string full = absl::StrCat(kStatusPrefix, absl::AsciiStrToUpper(name));
  if (v1::UserStatus_Parse(full, &status) && status != v1::USER_STATUS_UNSPECIFIED) return status;
  return absl::InvalidArgumentError(absl::StrCat("'", name, "' is no status: give active, inactive or deleted"));
}

std::string FormatTime(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
}

absl::StatusOr<google::protobuf::Timestamp> ParseTime(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) && !absl::ParseTime("%Y-%m-%d", text, &time, &error)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text, "' is no time: give RFC 3339, 2026-01-31T08:15:00Z for instance, or a date"));
  }
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  timestamp.set_nanos(static_cast<int32_t>((time - absl::FromUnixSeconds(timestamp.seconds())) / absl::Nanoseconds(1)));
  return timestamp;
}

std::string FormatLabels(const v1::User& user) {
  const std::map<std::string, std::string> sorted(user.labels().begin(), user.labels().end());
  return absl::StrJoin(sorted, ", ", absl::PairFormatter("="));
}

Rows UserRows(const v1::User& user) {
  const Rows all = {{"user_id", user.user_id()},
                    {"email", user.email()},
                    {"display_name", user.display_name()},
                    {"status", StatusName(user.status())},
                    {"labels", FormatLabels(user)},
                    {"version", absl::StrCat(user.version())},
                    {"etag", user.etag()},
                    {"created", FormatTime(user.create_time())},
                    {"updated", FormatTime(user.update_time())},
                    {"deleted", FormatTime(user.delete_time())}};
  Rows set;
  std::copy_if(all.begin(), all.end(), std::back_inserter(set), [](const auto& row) { return !row.second.empty(); });
  return set;
}

std::string FormatRows(const Rows& rows) {
  int width = 0;
  for (const auto& [name, value] : rows) width = std::max(width, DisplayWidth(name));
  std::string text;
  for (const auto& [name, value] : rows) absl::StrAppend(&text, Fit(name, width + 2, false), Printable(value), "\n");
  return text;
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  // Fails only for an Any of unknown type, which no message of Roster's has.
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return "{}";
  return json;
}

std::string JsonString(absl::string_view text) {
  google::protobuf::Value value;
  value.set_string_value(std::string(text));
  return ToJson(value);
}

}  // namespace roster::cli
