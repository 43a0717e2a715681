#include "tests/property/command_source.h"

#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace roster::test {
namespace {

constexpr int kAddresses = 8;
constexpr int kUserIds = 6;

}  // namespace

std::vector<std::string> CommandSource::Addresses() {
  std::vector<std::string> addresses;
  for (int i = 0; i < kAddresses; ++i) addresses.push_back(absl::StrCat("user", i, "@example.com"));
  return addresses;
}

std::string CommandSource::Email() {
  if (random_.OneIn(40)) return "no address";
  const std::string address = random_.Of(Addresses());
  return random_.OneIn(3) ? absl::AsciiStrToUpper(address) : address;
}

// Of a user who is or was there, mostly.
std::string CommandSource::UserId() {
  if (model_.users().empty() || random_.OneIn(10)) return absl::StrCat("id-", random_.Below(kUserIds));
  return std::next(model_.users().begin(), random_.Below(static_cast<int>(model_.users().size())))->first;
}

std::string CommandSource::Etag(const std::string& user_id) {
  const std::vector<std::string>& etags = model_.EtagsOf(user_id);
  if (etags.empty() || random_.OneIn(3)) return random_.OneIn(10) ? "no etag" : "";
  return random_.OneIn(2) ? etags.back() : random_.Of(etags);
}

std::string CommandSource::RequestId() { return random_.OneIn(3) ? "" : absl::StrCat("request-", next_request_id_++); }

v1::SignUpUserRequest CommandSource::NextSignUp() {
  v1::SignUpUserRequest request;
  request.set_email(Email());
  request.set_display_name(absl::StrCat("Name ", random_.Below(100)));
  if (random_.OneIn(3)) request.set_user_id(absl::StrCat("id-", random_.Below(kUserIds)));
  if (random_.OneIn(3)) (*request.mutable_labels())["team"] = absl::StrCat("t", random_.Below(3));
  request.set_request_id(RequestId());
  request.set_validate_only(random_.OneIn(12));
  return request;
}

v1::UpdateUserRequest CommandSource::NextUpdate() {
  v1::UpdateUserRequest request;
  v1::User& user = *request.mutable_user();
  user.set_user_id(UserId());
  user.set_etag(Etag(user.user_id()));
  user.set_email(random_.Of(Addresses()));
  user.set_display_name(absl::StrCat("Name ", random_.Below(100)));
  user.set_status(random_.OneIn(2) ? v1::USER_STATUS_ACTIVE : v1::USER_STATUS_INACTIVE);
  if (random_.OneIn(2)) (*user.mutable_labels())["team"] = absl::StrCat("t", random_.Below(3));
  for (const char* path : {"display_name", "email", "labels", "status"}) {
    if (random_.OneIn(2)) request.mutable_update_mask()->add_paths(path);
  }
  if (request.update_mask().paths().empty()) request.mutable_update_mask()->add_paths("*");
  request.set_request_id(RequestId());
  request.set_validate_only(random_.OneIn(12));
  return request;
}

v1::DeleteUserRequest CommandSource::NextDelete() {
  v1::DeleteUserRequest request;
  request.set_user_id(UserId());
  request.set_etag(Etag(request.user_id()));
  request.set_request_id(RequestId());
  request.set_validate_only(random_.OneIn(12));
  return request;
}

CommandRequest CommandSource::Fresh() {
  switch (random_.Below(5)) {
    case 0:
    case 1:
      return NextSignUp();
    case 2:
      return NextDelete();
    default:
      return NextUpdate();
  }
}

CommandRequest CommandSource::Next() {
  if (!past_.empty() && random_.OneIn(6)) {
    CommandRequest past = random_.Of(past_);
    if (!random_.OneIn(3)) return past;
    // Another command, under its request id.
    CommandRequest other = Fresh();
    const std::string request_id = std::visit([](const auto& r) { return r.request_id(); }, past);
    std::visit([&](auto& r) { r.set_request_id(request_id); }, other);
    return other;
  }
  past_.push_back(Fresh());
  return past_.back();
}

}  // namespace roster::test
