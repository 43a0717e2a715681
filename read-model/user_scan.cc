#include "read-model/user_scan.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace roster::read_model {
namespace {

// One direction of one index. Row values and the bound on the far side together become a range of the index.
std::string RangeSql(absl::string_view index, absl::string_view condition, absl::string_view key, bool descending) {
  const absl::string_view direction = descending ? " DESC" : "";
  return absl::StrCat("INDEXED BY ", index, " WHERE ", condition, "(", key, ", user_id) ",
                      descending ? "<=" : ">=", " (?1, ?2) AND ", key, descending ? " >= ?3" : " < ?3", " ORDER BY ",
                      key, direction, ", user_id", direction);
}

}  // namespace

int StatusSet::Only() const {
  for (int status = 0; status < 32; ++status) {
    if (bits_ == 1u << status) return status;
  }
  return -1;
}

std::string EndOfPrefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

bool UserScan::needs_keys() const {
  const UserScan any;
  return with_user_ids || !email_prefix.empty() || created_from_us != any.created_from_us ||
         created_before_us != any.created_before_us;
}

std::string UserScanSql(UserOrder order, bool by_status, bool with_keys) {
  const std::string select =
      absl::StrCat("SELECT user, status, id", with_keys ? ", email_key, create_time_us, user_id" : "", " FROM users ");
  const absl::string_view index = by_status ? "users_by_status" : "users_by_create_time";
  const absl::string_view condition = by_status ? "status = ?4 AND " : "";
  switch (order) {
    case UserOrder::kCreateTime:
      return select + RangeSql(index, condition, "create_time_us", false);
    case UserOrder::kCreateTimeDescending:
      return select + RangeSql(index, condition, "create_time_us", true);
    case UserOrder::kEmail:
      return select + RangeSql("users_by_email", "email_key IS NOT NULL AND ", "email_key", false);
    case UserOrder::kEmailDescending:
      return select + RangeSql("users_by_email", "email_key IS NOT NULL AND ", "email_key", true);
    case UserOrder::kUserId:
      return select + "WHERE user_id >= ?2 ORDER BY user_id";
    case UserOrder::kUserIdDescending:
      return select + "WHERE user_id <= ?2 ORDER BY user_id DESC";
  }
  return select;
}

}  // namespace roster::read_model
