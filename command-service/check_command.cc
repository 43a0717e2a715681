#include "command-service/check_command.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace roster::command {
namespace {

constexpr absl::string_view kLabelPrefix = "labels.";

// Whether UTF-8 text holds a control character: C0, DEL or C1 (which begins with the byte C2).
bool HasControlCharacter(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

bool IsIdCharacter(char c) { return absl::ascii_isalnum(c) || absl::StrContains("-_.:~", std::string(1, c)); }
bool IsLabelKeyCharacter(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || absl::StrContains("-_./", std::string(1, c));
}
bool IsPrintableAscii(char c) { return c > ' ' && c < 0x7f; }

// Collects violations of one request; `prefix` is the path to the fields of User.
class FormCheck {
 public:
  explicit FormCheck(absl::string_view prefix) : prefix_(prefix) {}

  void Add(absl::string_view field, std::string description) {
    violations_.push_back({std::string(field), std::move(description)});
  }
  void AddUserField(absl::string_view field, std::string description) {
    Add(absl::StrCat(prefix_, field), std::move(description));
  }

  void Email(const std::string& email) {
    const auto at_signs = std::count(email.begin(), email.end(), '@');
    if (email.empty()) return AddUserField("email", "is empty: give the user's address");
    if (email.size() > kMaxEmailBytes) return AddUserField("email", TooLong(email.size(), kMaxEmailBytes));
    if (HasControlCharacter(email) || absl::StrContains(email, " ") || absl::StrContains(email, "\xc2\xa0")) {
      return AddUserField("email", "has blanks or control characters: remove them");
    }
    if (at_signs != 1 || email.front() == '@' || email.back() == '@') {
      AddUserField("email", "is no address: it needs one '@' with something on both sides");
    }
  }

  void DisplayName(const std::string& name) {
    if (name.size() > kMaxDisplayNameBytes)
      return AddUserField("display_name", TooLong(name.size(), kMaxDisplayNameBytes));
    if (HasControlCharacter(name)) AddUserField("display_name", "has control characters: remove them");
  }

  void LabelKey(absl::string_view field, absl::string_view key) {
    const bool allowed = std::all_of(key.begin(), key.end(), IsLabelKeyCharacter);
    if (key.empty() || key.size() > kMaxLabelKeyBytes || !allowed) {
      Add(field, absl::StrCat("has a key that is not 1 to ", kMaxLabelKeyBytes,
                              " bytes of lower-case ASCII letters, digits, '-', '_', '.' and '/'"));
    }
  }

  // Looks at them once, however often the mask names them, and not at each where they are too many: a request may hold
  // hundreds of thousands.
  void Labels(const google::protobuf::Map<std::string, std::string>& labels) {
    if (std::exchange(labels_checked_, true)) return;
    const std::string field = absl::StrCat(prefix_, "labels");
    if (labels.size() > kMaxLabels)
      return Add(field, absl::StrCat("has ", labels.size(), " entries; the limit is ", kMaxLabels));
    for (const auto& [key, value] : labels) {
      LabelKey(field, key);
      if (value.size() > kMaxLabelValueBytes)
        Add(field, absl::StrCat("has a value that ", TooLong(value.size(), kMaxLabelValueBytes)));
    }
  }

  void RequiredUserId(absl::string_view field, const std::string& user_id) {
    if (user_id.empty()) return Add(field, "is empty: say whose user_id it is");
    UserId(field, user_id);
  }

  void UserId(absl::string_view field, const std::string& user_id) {
    if (user_id.size() > kMaxIdBytes) return Add(field, TooLong(user_id.size(), kMaxIdBytes));
    if (!std::all_of(user_id.begin(), user_id.end(), IsIdCharacter)) {
      Add(field, "has characters other than ASCII letters, digits, '-', '_', '.', ':' and '~'");
    }
  }

  void RequestId(const std::string& request_id) {
    if (request_id.size() > kMaxIdBytes) return Add("request_id", TooLong(request_id.size(), kMaxIdBytes));
    if (!std::all_of(request_id.begin(), request_id.end(), IsPrintableAscii)) {
      Add("request_id", "has characters other than printable ASCII without blanks: use a UUID");
    }
  }

  void Etag(absl::string_view field, const std::string& etag) {
    if (etag.size() > kMaxEtagBytes) Add(field, TooLong(etag.size(), kMaxEtagBytes));
  }

  std::vector<FieldViolation> Take() { return std::move(violations_); }

 private:
  static std::string TooLong(size_t bytes, size_t limit) {
    return absl::StrCat("has ", bytes, " bytes; the limit is ", limit);
  }

  const std::string prefix_;
  std::vector<FieldViolation> violations_;
  bool labels_checked_ = false;
};

std::vector<FieldViolation> Check(const v1::SignUpUserRequest& request) {
  FormCheck check("");
  check.Email(request.email());
  check.DisplayName(request.display_name());
  check.Labels(request.labels());
  check.UserId("user_id", request.user_id());
  check.RequestId(request.request_id());
  return check.Take();
}

void CheckStatus(const v1::User& user, FormCheck& check) {
  if (user.status() != v1::USER_STATUS_ACTIVE && user.status() != v1::USER_STATUS_INACTIVE) {
    check.AddUserField("status",
                       "is neither ACTIVE nor INACTIVE: an update can set these two; to delete, call DeleteUser");
  }
}

void CheckPath(const std::string& path, const v1::UpdateUserRequest& request, FormCheck& check) {
  const v1::User& user = request.user();
  if (path == "email") return check.Email(user.email());
  if (path == "display_name") return check.DisplayName(user.display_name());
  if (path == "status") return CheckStatus(user, check);
  if (path == "labels") return check.Labels(user.labels());
  if (absl::StartsWith(path, kLabelPrefix)) {
    check.LabelKey("update_mask", absl::string_view(path).substr(kLabelPrefix.size()));
    return check.Labels(user.labels());
  }
  check.Add("update_mask",
            absl::StrCat("names '", absl::CEscape(path.substr(0, kMaxIdBytes)),
                         "', which is not updatable: use email, display_name, status, labels, labels.KEY, or * alone"));
}

std::vector<FieldViolation> Check(const v1::UpdateUserRequest& request) {
  FormCheck check("user.");
  check.RequiredUserId("user.user_id", request.user().user_id());
  check.Etag("user.etag", request.user().etag());
  check.RequestId(request.request_id());
  const auto& paths = request.update_mask().paths();
  if (paths.empty()) check.Add("update_mask", "is empty: name the fields to set, or *");
  if (paths.size() > static_cast<int>(2 * kMaxLabels)) {
    check.Add("update_mask", absl::StrCat("has ", paths.size(), " paths; the limit is ", 2 * kMaxLabels));
    return check.Take();
  }
  if (paths.size() == 1 && paths[0] == "*") {
    for (const char* path : {"email", "display_name", "status", "labels"}) CheckPath(path, request, check);
  } else {
    for (const std::string& path : paths) CheckPath(path, request, check);
  }
  return check.Take();
}

std::vector<FieldViolation> Check(const v1::DeleteUserRequest& request) {
  FormCheck check("");
  check.RequiredUserId("user_id", request.user_id());
  check.Etag("etag", request.etag());
  check.RequestId(request.request_id());
  return check.Take();
}

}  // namespace

std::vector<FieldViolation> CheckForm(const Command& command) {
  return std::visit([](const auto* request) { return Check(*request); }, command);
}

}  // namespace roster::command
