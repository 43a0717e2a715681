#include "query-service/fields.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace roster::query_service {
namespace {

constexpr size_t kMaxUserIdBytes = 128;
constexpr size_t kMaxEmailBytes = 254;
// 0001-01-01 and 9999-12-31: the range of google.protobuf.Timestamp.
constexpr int64_t kMinSeconds = -62'135'596'800;
constexpr int64_t kMaxSeconds = 253'402'300'799;

bool IsUserIdByte(char c) {
  return absl::ascii_isalnum(c) || absl::string_view("-_.:~").find(c) != absl::string_view::npos;
}

bool IsBlankOrControl(char c) { return absl::ascii_isspace(c) || absl::ascii_iscntrl(c); }

}  // namespace

void CheckUserId(const std::string& field, absl::string_view user_id, std::vector<FieldViolation>& violations) {
  if (user_id.empty()) {
    violations.push_back({field, "must not be empty"});
  } else if (user_id.size() > kMaxUserIdBytes) {
    violations.push_back(
        {field, absl::StrCat("must have at most ", kMaxUserIdBytes, " bytes, and has ", user_id.size())});
  } else if (!std::all_of(user_id.begin(), user_id.end(), IsUserIdByte)) {
    violations.push_back({field, "must consist of ASCII letters, digits, '-', '_', '.', ':' and '~'"});
  }
}

void CheckEmail(const std::string& field, absl::string_view email, std::vector<FieldViolation>& violations) {
  const size_t at = email.find('@');
  if (email.size() > kMaxEmailBytes) {
    violations.push_back({field, absl::StrCat("must have at most ", kMaxEmailBytes, " bytes, and has ", email.size())});
  } else if (at == absl::string_view::npos || at == 0 || at + 1 == email.size() || email.rfind('@') != at) {
    violations.push_back({field, "must have one '@' with something on both sides"});
  } else if (std::any_of(email.begin(), email.end(), IsBlankOrControl)) {
    violations.push_back({field, "must have no blanks or control characters"});
  }
}

int64_t CheckTime(const std::string& field, const google::protobuf::Timestamp& time,
                  std::vector<FieldViolation>& violations) {
  if (time.seconds() < kMinSeconds || time.seconds() > kMaxSeconds || time.nanos() < 0 || time.nanos() > 999'999'999) {
    violations.push_back({field, "must be between 0001-01-01 and 9999-12-31, with nanos from 0 to 999999999"});
    return 0;
  }
  return time.seconds() * 1'000'000 + (time.nanos() + 999) / 1000;
}

}  // namespace roster::query_service
