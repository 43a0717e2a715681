#ifndef ROSTER_BENCH_LOAD_LOAD_USERS_H_
#define ROSTER_BENCH_LOAD_LOAD_USERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/figure.h"

namespace roster::bench {

// Users who were signed up before anything else is measured.
struct LoadedUsers {
  std::vector<std::string> user_ids;
  // A read after it finds them all.
  std::string consistency_token;
  // Users a second.
  Sample rate;
};

// Signs the people 0 to `users` - 1 (people.h) up through ImportUsers, as rosterctl import does: batches of 500 rows,
// four ahead of their answers. A row that is refused is an error.
absl::StatusOr<LoadedUsers> LoadUsers(const std::string& command_address, int64_t users);

}  // namespace roster::bench

#endif  // ROSTER_BENCH_LOAD_LOAD_USERS_H_
