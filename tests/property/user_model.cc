#include "tests/property/user_model.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"

namespace roster::test {
namespace {

using google::protobuf::util::MessageDifferencer;

const std::string& RequestIdOf(const CommandRequest& request) {
  return std::visit([](const auto& r) -> const std::string& { return r.request_id(); }, request);
}

bool IsValidateOnly(const CommandRequest& request) {
  return std::visit([](const auto& r) { return r.validate_only(); }, request);
}

// What counts when a request_id is repeated; no request here has more than one label, so the bytes are one way only.
std::string ContentOf(const CommandRequest& request) {
  return absl::StrCat(request.index(), std::visit(
                                           [](auto r) {
                                             r.clear_request_id();
                                             r.clear_validate_only();
                                             return r.SerializeAsString();
                                           },
                                           request));
}

bool IsEmail(const std::string& email) { return absl::StrContains(email, "@"); }

std::string Unlike(const std::string& what, const std::string& expected, const std::string& got) {
  return absl::StrCat(what, ": expected '", expected, "', got '", got, "'");
}

}  // namespace

std::map<std::string, std::string> UserModel::EmailOwners() const {
  std::map<std::string, std::string> owners;
  for (const auto& [user_id, user] : users_) {
    if (user.status() != v1::USER_STATUS_DELETED) owners[absl::AsciiStrToLower(user.email())] = user_id;
  }
  return owners;
}

const v1::User* UserModel::FindLive(const std::string& user_id) const {
  const auto found = users_.find(user_id);
  return found == users_.end() || found->second.status() == v1::USER_STATUS_DELETED ? nullptr : &found->second;
}

bool UserModel::IsTaken(const std::string& email, const std::string& by_other_than) const {
  const auto owners = EmailOwners();
  const auto owner = owners.find(absl::AsciiStrToLower(email));
  return owner != owners.end() && owner->second != by_other_than;
}

UserModel::Expected UserModel::Expect(const v1::SignUpUserRequest& request) const {
  if (!request.user_id().empty() && users_.count(request.user_id()) > 0) return {"USER_ID_TAKEN", {}};
  if (IsTaken(request.email(), "")) return {"EMAIL_TAKEN", {}};
  Expected expected;
  expected.user.set_user_id(request.user_id());
  expected.user.set_email(request.email());
  expected.user.set_display_name(request.display_name());
  *expected.user.mutable_labels() = request.labels();
  expected.user.set_status(v1::USER_STATUS_ACTIVE);
  expected.user.set_version(1);
  return expected;
}

UserModel::Expected UserModel::Expect(const v1::UpdateUserRequest& request) const {
  const v1::User* const user = FindLive(request.user().user_id());
  if (user == nullptr) return {"USER_NOT_FOUND", {}};
  if (!request.user().etag().empty() && request.user().etag() != user->etag()) return {"ETAG_MISMATCH", {}};
  Expected expected{.user = *user};
  bool names_email = false;
  for (const std::string& path : request.update_mask().paths()) {
    if (path == "email" || path == "*") {
      names_email = true;
      expected.user.set_email(request.user().email());
    }
    if (path == "display_name" || path == "*") expected.user.set_display_name(request.user().display_name());
    if (path == "status" || path == "*") expected.user.set_status(request.user().status());
    if (path == "labels" || path == "*") *expected.user.mutable_labels() = request.user().labels();
  }
  if (names_email && IsTaken(expected.user.email(), user->user_id())) return {"EMAIL_TAKEN", {}};
  expected.user.set_version(user->version() + 1);
  return expected;
}

UserModel::Expected UserModel::Expect(const v1::DeleteUserRequest& request) const {
  const v1::User* const user = FindLive(request.user_id());
  if (user == nullptr) return {"USER_NOT_FOUND", {}};
  if (!request.etag().empty() && request.etag() != user->etag()) return {"ETAG_MISMATCH", {}};
  Expected expected{.user = *user};
  expected.user.set_status(v1::USER_STATUS_DELETED);
  expected.user.set_version(user->version() + 1);
  return expected;
}

std::string UserModel::TakeRepeated(const std::string& request_id, const std::string& content,
                                    const CommandOutcome& outcome) {
  if (contents_.at(request_id) != content) {
    return outcome.reason == "REQUEST_ID_REUSED" ? "" : Unlike("reuse", "REQUEST_ID_REUSED", outcome.reason);
  }
  const CommandOutcome& first = first_outcomes_.at(request_id);
  if (!outcome.reason.empty()) return Unlike("repeat", "", outcome.reason);
  if (outcome.event_id != first.event_id) return Unlike("event of a repeat", first.event_id, outcome.event_id);
  if (outcome.location != first.location) return "a repeat is told another place on the log";
  if (!MessageDifferencer::Equals(outcome.user, first.user)) return "a repeat is told another user";
  return "";
}

// `user` is what a caller got.
std::string UserModel::TakeSuccess(const v1::User& expected, const v1::User& user) const {
  v1::User comparable = user;
  comparable.set_etag(expected.etag());
  if (expected.user_id().empty()) comparable.clear_user_id();
  if (expected.version() == 1) comparable.clear_create_time();
  comparable.clear_update_time();
  comparable.clear_delete_time();
  v1::User wanted = expected;
  wanted.clear_update_time();
  if (!MessageDifferencer::Equals(comparable, wanted)) {
    return Unlike("user", wanted.ShortDebugString(), comparable.ShortDebugString());
  }
  if (expected.user_id().empty() && users_.count(user.user_id()) > 0) return "a chosen user_id is not new";
  if (user.status() == v1::USER_STATUS_DELETED && !user.has_delete_time()) return "a deletion has no time";
  if (!user.has_create_time() || !user.has_update_time()) return "a user has no times";
  return "";
}

std::string UserModel::Take(const CommandRequest& request, const CommandOutcome& outcome) {
  const auto* const sign_up = std::get_if<v1::SignUpUserRequest>(&request);
  if (sign_up != nullptr && !IsEmail(sign_up->email())) {
    return outcome.reason == "INVALID_FIELD" ? "" : Unlike("form", "INVALID_FIELD", outcome.reason);
  }
  const std::string& request_id = RequestIdOf(request);
  const std::string content = ContentOf(request);
  if (contents_.count(request_id) > 0) return TakeRepeated(request_id, content, outcome);
  const Expected expected = std::visit([&](const auto& r) { return Expect(r); }, request);
  if (outcome.reason != expected.reason) return Unlike("reason", expected.reason, outcome.reason);
  if (!expected.reason.empty()) return "";
  // Sign-ups that are only validated may be shown an id that is never given.
  if (std::string problem = TakeSuccess(expected.user, outcome.user); !problem.empty()) return problem;
  if (IsValidateOnly(request)) return outcome.event_id.empty() ? "" : "a validation has an event";
  if (outcome.event_id.empty()) return "a success has no event";
  ++events_;
  users_[outcome.user.user_id()] = outcome.user;
  std::vector<std::string>& etags = etags_[outcome.user.user_id()];
  for (const std::string& etag : etags) {
    if (etag == outcome.user.etag()) return "an etag came twice";
  }
  etags.push_back(outcome.user.etag());
  if (!request_id.empty()) {
    contents_[request_id] = content;
    first_outcomes_[request_id] = outcome;
  }
  return "";
}

}  // namespace roster::test
