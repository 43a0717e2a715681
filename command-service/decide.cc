#include "command-service/decide.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/error.h"
#include "base/siphash.h"
#include "command-service/check_command.h"
#include "command-service/fingerprint.h"
#include "rpc-server/error_reason.h"

namespace roster::command {
namespace {

constexpr int kSchemaVersion = 1;
constexpr absl::string_view kLabelPrefix = "labels.";

absl::Status EmailTaken() {
  return rpc::ErrorWithReason(
      absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_EMAIL_TAKEN,
      "email belongs to another user: use another address, or change or delete that user first");
}

absl::Status UserIdTaken() {
  return rpc::ErrorWithReason(absl::StatusCode::kAlreadyExists, v1::ERROR_REASON_USER_ID_TAKEN,
                              "user_id was used before, and is never given again: choose another, or leave it empty");
}

absl::Status UserNotFound() {
  return rpc::ErrorWithReason(absl::StatusCode::kNotFound, v1::ERROR_REASON_USER_NOT_FOUND,
                              "there is no user with this user_id, or they were deleted");
}

absl::Status EtagMismatch(const v1::User& user) {
  return rpc::ErrorWithReason(absl::StatusCode::kAborted, v1::ERROR_REASON_ETAG_MISMATCH,
                              "the user has changed since the etag was read: read the user again and repeat",
                              {.metadata = {{"current_etag", user.etag()}}});
}

absl::Status RequestIdReused() {
  return rpc::ErrorWithReason(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_REQUEST_ID_REUSED,
                              "request_id was used for another command: make a new one for each command",
                              {.field_violations = {{"request_id", "was used for another command"}}});
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(micros / 1'000'000);
  timestamp.set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  return timestamp;
}

// The version alone would do; a piece of the event's id keeps apart the states of two logs that were mixed up.
std::string MakeEtag(int64_t version, absl::string_view event_id) {
  return absl::StrFormat("%d-%08x", version, static_cast<uint32_t>(SipHash({}, event_id)));
}

// The event that turns `last` into `user`, but for its kind of change. `user` has the values that the command decides.
v1::UserEvent MakeEvent(v1::User user, int64_t last_version, const Command& command, const Stamp& stamp) {
  v1::UserEvent event;
  event.set_event_id(stamp.event_id);
  event.set_sequence(stamp.sequence);
  event.set_user_id(user.user_id());
  event.set_user_version(last_version + 1);
  *event.mutable_occurred_at() = ToTimestamp(stamp.occurred_at);
  event.set_schema_version(kSchemaVersion);
  if (const std::string& request_id = RequestIdOf(command); !request_id.empty()) {
    event.set_request_id(request_id);
    event.set_request_fingerprint(Fingerprint(command));
  }
  user.set_version(event.user_version());
  user.set_etag(MakeEtag(event.user_version(), stamp.event_id));
  *user.mutable_update_time() = event.occurred_at();
  *event.mutable_user() = std::move(user);
  return event;
}

absl::Status CheckEmailFree(const std::string& email, absl::string_view user_id, State& state) {
  ROSTER_ASSIGN_OR_RETURN(const std::optional<std::string> owner, state.FindEmailOwner(EmailKey(email)));
  return owner.has_value() && *owner != user_id ? EmailTaken() : absl::OkStatus();
}

// The live user that a command names, with the etag that it may ask for.
absl::StatusOr<v1::User> FindLiveUser(absl::string_view user_id, const std::string& etag, State& state) {
  ROSTER_ASSIGN_OR_RETURN(std::optional<v1::User> user, state.FindUser(user_id));
  if (!user || user->status() == v1::USER_STATUS_DELETED) return UserNotFound();
  if (!etag.empty() && etag != user->etag()) return EtagMismatch(*user);
  return *std::move(user);
}

// The paths that a mask names, each once, sorted, with '*' spelt out.
std::set<std::string> PathsOf(const google::protobuf::FieldMask& mask) {
  if (mask.paths_size() == 1 && mask.paths(0) == "*") return {"display_name", "email", "labels", "status"};
  return {mask.paths().begin(), mask.paths().end()};
}

void SetPath(const std::string& path, const v1::User& values, v1::User& user) {
  if (path == "email") {
    user.set_email(values.email());
  } else if (path == "display_name") {
    user.set_display_name(values.display_name());
  } else if (path == "status") {
    user.set_status(values.status());
  } else if (path == "labels") {
    *user.mutable_labels() = values.labels();
  } else {
    const std::string key = path.substr(kLabelPrefix.size());
    const auto value = values.labels().find(key);
    if (value == values.labels().end()) {
      user.mutable_labels()->erase(key);
    } else {
      (*user.mutable_labels())[key] = value->second;
    }
  }
}

absl::StatusOr<v1::UserEvent> DecideCommand(const v1::SignUpUserRequest& request, State& state, const Stamp& stamp) {
  v1::User user;
  user.set_user_id(request.user_id().empty() ? stamp.new_user_id : request.user_id());
  // An id that the service made is new.
  if (!request.user_id().empty()) {
    ROSTER_ASSIGN_OR_RETURN(const std::optional<v1::User> holder, state.FindUser(request.user_id()));
    if (holder) return UserIdTaken();
  }
  ROSTER_RETURN_IF_ERROR(CheckEmailFree(request.email(), user.user_id(), state));
  user.set_email(request.email());
  user.set_display_name(request.display_name());
  *user.mutable_labels() = request.labels();
  user.set_status(v1::USER_STATUS_ACTIVE);
  *user.mutable_create_time() = ToTimestamp(stamp.occurred_at);
  v1::UserEvent event = MakeEvent(std::move(user), 0, &request, stamp);
  event.mutable_signed_up();
  return event;
}

absl::StatusOr<v1::UserEvent> DecideCommand(const v1::UpdateUserRequest& request, State& state, const Stamp& stamp) {
  ROSTER_ASSIGN_OR_RETURN(v1::User user, FindLiveUser(request.user().user_id(), request.user().etag(), state));
  const int64_t last_version = user.version();
  const std::set<std::string> paths = PathsOf(request.update_mask());
  // The whole map goes before single labels, so that a mask with both has one meaning.
  for (const std::string& path : paths) SetPath(path, request.user(), user);
  if (user.labels().size() > kMaxLabels) {
    return rpc::InvalidFields({{"user.labels", absl::StrCat("would have ", user.labels().size(),
                                                            " entries with those the user has; the limit is ",
                                                            kMaxLabels, ": remove some")}});
  }
  if (paths.count("email") > 0) ROSTER_RETURN_IF_ERROR(CheckEmailFree(user.email(), user.user_id(), state));
  v1::UserEvent event = MakeEvent(std::move(user), last_version, &request, stamp);
  for (const std::string& path : paths) event.mutable_updated()->add_changed_paths(path);
  return event;
}

absl::StatusOr<v1::UserEvent> DecideCommand(const v1::DeleteUserRequest& request, State& state, const Stamp& stamp) {
  ROSTER_ASSIGN_OR_RETURN(v1::User user, FindLiveUser(request.user_id(), request.etag(), state));
  const int64_t last_version = user.version();
  user.set_status(v1::USER_STATUS_DELETED);
  *user.mutable_delete_time() = ToTimestamp(stamp.occurred_at);
  v1::UserEvent event = MakeEvent(std::move(user), last_version, &request, stamp);
  event.mutable_deleted();
  return event;
}

}  // namespace

std::string EmailKey(absl::string_view email) { return absl::AsciiStrToLower(email); }

absl::StatusOr<Decision> Decide(const Command& command, State& state, const Stamp& stamp) {
  ROSTER_RETURN_IF_ERROR(rpc::InvalidFields(CheckForm(command)));
  if (const std::string& request_id = RequestIdOf(command); !request_id.empty()) {
    ROSTER_ASSIGN_OR_RETURN(std::optional<RecordedCommand> first, state.FindRequest(request_id));
    if (first) {
      if (first->fingerprint != Fingerprint(command)) return RequestIdReused();
      return Repeated{*std::move(first)};
    }
  }
  ROSTER_ASSIGN_OR_RETURN(
      v1::UserEvent event,
      std::visit([&](const auto* request) { return DecideCommand(*request, state, stamp); }, command));
  return Accepted{std::move(event)};
}

}  // namespace roster::command
