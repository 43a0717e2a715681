#ifndef ROSTER_TESTS_PROPERTY_RANDOM_USERS_H_
#define ROSTER_TESTS_PROPERTY_RANDOM_USERS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "query-service/query_service_for_test.h"
#include "tests/property/rounds.h"

namespace roster::test {

// Within a Commit of `projector`: an event of one of `users` users, who may be new. Addresses are often alike but for
// their case or their end, and many users have signed up in the same second. Returns whose; "" where there was none,
// since the user is deleted.
inline std::string PutSome(query_service::TestProjector& projector, Random& random, int users) {
  const std::string user_id = absl::StrCat(random.OneIn(2) ? "u" : "U", random.Below(users));
  const auto known = projector.users().find(user_id);
  const bool is_new = known == projector.users().end();
  if (!is_new && known->second.status() == v1::USER_STATUS_DELETED) return "";
  if (!is_new && random.OneIn(8)) {
    projector.Delete(user_id);
    return user_id;
  }
  static const std::vector<std::string> kNames = {"a", "A", "ab", "aB", "abc", "b", "\xc3\xa9", "\xf4\x8f\xbf\xbf",
                                                  "z"};
  const std::string email = absl::StrCat(random.Of(kNames), random.OneIn(2) ? "" : user_id, "@example.com");
  projector.Put(user_id, email, random.OneIn(3) ? v1::USER_STATUS_INACTIVE : v1::USER_STATUS_ACTIVE,
                1 + random.Below(20));
  return user_id;
}

}  // namespace roster::test

#endif  // ROSTER_TESTS_PROPERTY_RANDOM_USERS_H_
