#ifndef ROSTER_READ_MODEL_USER_SCAN_H_
#define ROSTER_READ_MODEL_USER_SCAN_H_

#include <cstdint>
#include <limits>
#include <string>

namespace roster::read_model {

// What a scan goes by. Users alike in it go by user_id, in the same direction.
enum class UserOrder {
  kCreateTime = 0,
  kCreateTimeDescending = 1,
  // By address in ASCII lower case; users without one (deleted ones) are left out.
  kEmail = 2,
  kEmailDescending = 3,
  kUserId = 4,
  kUserIdDescending = 5,
};

// A place in one order: the first user at or after it is the next. Only the parts that the order goes by are set.
struct UserKey {
  int64_t create_time_us = 0;
  std::string email_key;
  std::string user_id;

  friend bool operator==(const UserKey&, const UserKey&) = default;
};

// A set of v1::UserStatus.
class StatusSet {
 public:
  void Add(int status) { bits_ |= 1u << status; }
  bool Has(int status) const { return status >= 0 && status < 32 && (bits_ >> status & 1u) != 0; }
  bool empty() const { return bits_ == 0; }
  // The status where it is the only one, else -1.
  int Only() const;
  uint32_t bits() const { return bits_; }

  friend bool operator==(const StatusSet&, const StatusSet&) = default;

 private:
  uint32_t bits_ = 0;
};

// Which users, in which order.
struct UserScan {
  UserOrder order = UserOrder::kCreateTime;
  StatusSet statuses;
  // Users whose address begins so; in ASCII lower case. Empty: any.
  std::string email_prefix;
  // Users created at or after the one and before the other.
  int64_t created_from_us = std::numeric_limits<int64_t>::min();
  int64_t created_before_us = std::numeric_limits<int64_t>::max();
  // Whether UserRow.user_id is wanted, too.
  bool with_user_ids = false;

  // Whether the rows' keys are looked at: every column more makes a scan slower by a tenth.
  bool needs_keys() const;
};

// The least string of bytes that is greater than every string with this prefix; empty where there is none.
std::string EndOfPrefix(std::string prefix);

// SQL of a scan with this order; `by_status`: of users with one given status, for the orders by creation. Columns:
// user, status, id and, `with_keys`, email_key, create_time_us, user_id. ?1, ?2: the key to begin at; ?3: the bound on
// the far side; ?4: the status. Goes along an index that has the order, so that the first row costs no more than any
// other.
std::string UserScanSql(UserOrder order, bool by_status, bool with_keys);

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_USER_SCAN_H_
