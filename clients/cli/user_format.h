#ifndef ROSTER_CLIENTS_CLI_USER_FORMAT_H_
#define ROSTER_CLIENTS_CLI_USER_FORMAT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "roster/v1/user.pb.h"

namespace roster::cli {

// Names and values in the order in which they are shown.
using Rows = std::vector<std::pair<std::string, std::string>>;

// "active" for USER_STATUS_ACTIVE; a number for one this program does not know.
std::string StatusName(v1::UserStatus status);

// The other way; INVALID_ARGUMENT that names the choices. Any case.
absl::StatusOr<v1::UserStatus> ParseStatus(absl::string_view name);

// "2026-01-31T08:15:00Z", cut to the second; "" for none.
std::string FormatTime(const google::protobuf::Timestamp& time);

// An RFC 3339 time, or a date, which is its midnight in UTC. INVALID_ARGUMENT otherwise.
absl::StatusOr<google::protobuf::Timestamp> ParseTime(absl::string_view text);

// "team=blue, tier=gold", sorted by key.
std::string FormatLabels(const v1::User& user);

// Every field of a user that is set.
Rows UserRows(const v1::User& user);

// Names, filled to one width, and printable values: a line each.
std::string FormatRows(const Rows& rows);

// Protobuf's JSON in one line, with fields at their default values too, so that scripts always find them.
std::string ToJson(const google::protobuf::Message& message);

// `text` as a string of JSON, with its quotes.
std::string JsonString(absl::string_view text);

}  // namespace roster::cli

#endif  // ROSTER_CLIENTS_CLI_USER_FORMAT_H_
