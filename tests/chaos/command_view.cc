#include "tests/chaos/command_view.h"

#include <algorithm>

#include "google/protobuf/util/message_differencer.h"
#include "grpcpp/support/status_code_enum.h"

namespace roster::test::chaos {
namespace {

using google::protobuf::util::MessageDifferencer;

template <typename Operation>
CommandView View(const Call& call, const Operation& operation) {
  CommandView view;
  view.call = &call;
  view.request_id = operation.request().request_id();
  if (!call.has_ended_us()) return view;
  if (call.code() == grpc::StatusCode::OK) {
    const auto& response = operation.response();
    view.outcome = Outcome::kAccepted;
    view.answer = {
        response.event_id(), {response.partition(), response.offset()}, response.user(), response.consistency_token()};
  } else if (call.code() != grpc::StatusCode::UNAVAILABLE && call.code() != grpc::StatusCode::DEADLINE_EXCEEDED &&
             call.code() != grpc::StatusCode::CANCELLED && call.reason() != "INTERNAL") {
    view.outcome = Outcome::kRefused;
  }
  return view;
}

// What a command is about.
struct Subject {
  std::string user_id;
  std::string etag;
  // The address that it asks for; empty where it asks for none.
  std::string email;
};

Subject SubjectOf(const Call& call) {
  if (call.has_sign_up()) return {call.sign_up().request().user_id(), "", call.sign_up().request().email()};
  if (call.has_delete_()) return {call.delete_().request().user_id(), call.delete_().request().etag(), ""};
  const v1::UpdateUserRequest& request = call.update().request();
  const auto& paths = request.update_mask().paths();
  const bool moves = std::find(paths.begin(), paths.end(), "email") != paths.end();
  return {request.user().user_id(), request.user().etag(), moves ? request.user().email() : ""};
}

// The user that an accepted update makes of `user`, but for what the service fills in.
v1::User Updated(v1::User user, const v1::UpdateUserRequest& request) {
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "email") user.set_email(request.user().email());
    if (path == "display_name") user.set_display_name(request.user().display_name());
    if (path == "status") user.set_status(request.user().status());
    if (path == "labels") *user.mutable_labels() = request.user().labels();
  }
  return user;
}

// A user without what the service fills in.
v1::User Asked(v1::User user) {
  user.clear_version();
  user.clear_etag();
  user.clear_create_time();
  user.clear_update_time();
  user.clear_delete_time();
  return user;
}

}  // namespace

std::optional<CommandView> ViewCommand(const Call& call) {
  if (call.has_sign_up()) return View(call, call.sign_up());
  if (call.has_update()) return View(call, call.update());
  if (call.has_delete_()) return View(call, call.delete_());
  return std::nullopt;
}

std::string ExpectedRefusal(const CommandView& command, const LogIndex& log, int64_t point) {
  const LoggedEvent* repeated = log.FindRequest(command.request_id);
  if (repeated != nullptr && repeated->event.sequence() <= point) return "";
  const Subject subject = SubjectOf(*command.call);
  const LoggedEvent* user = subject.user_id.empty() ? nullptr : log.UserAt(subject.user_id, point);
  if (command.call->has_sign_up()) {
    if (user != nullptr) return "USER_ID_TAKEN";
    return log.OwnerAt(subject.email, point).empty() ? "" : "EMAIL_TAKEN";
  }
  if (user == nullptr || !IsLive(user->event.user())) return "USER_NOT_FOUND";
  if (!subject.etag.empty() && subject.etag != user->event.user().etag()) return "ETAG_MISMATCH";
  if (subject.email.empty()) return "";
  const std::string owner = log.OwnerAt(subject.email, point);
  return owner.empty() || owner == subject.user_id ? "" : "EMAIL_TAKEN";
}

int64_t NextPoint(const CommandView& command, const LogIndex& log, int64_t point) {
  const Subject subject = SubjectOf(*command.call);
  return log.NextChange(subject.user_id, subject.email, point);
}

std::string WrongContent(const CommandView& command, const LogIndex& log, const v1::UserEvent& event) {
  const Call& call = *command.call;
  v1::User expected;
  if (call.has_sign_up()) {
    const v1::SignUpUserRequest& request = call.sign_up().request();
    expected.set_user_id(request.user_id().empty() ? event.user_id() : request.user_id());
    expected.set_email(request.email());
    expected.set_display_name(request.display_name());
    expected.set_status(v1::USER_STATUS_ACTIVE);
    *expected.mutable_labels() = request.labels();
  } else {
    const LoggedEvent* before = log.UserAt(SubjectOf(call).user_id, event.sequence() - 1);
    if (before == nullptr) return "changes a user who is not there";
    expected = Asked(before->event.user());
    if (call.has_update()) expected = Updated(std::move(expected), call.update().request());
    if (call.has_delete_()) expected.set_status(v1::USER_STATUS_DELETED);
  }
  return MessageDifferencer::Equals(Asked(event.user()), expected) ? "" : "does not hold what was asked for";
}

}  // namespace roster::test::chaos
