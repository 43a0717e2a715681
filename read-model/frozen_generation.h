#ifndef ROSTER_READ_MODEL_FROZEN_GENERATION_H_
#define ROSTER_READ_MODEL_FROZEN_GENERATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "base/position.h"

namespace roster::read_model {

// A user who is not the same in two generations.
struct UserDifference {
  std::string user_id;
  // Names of the columns that differ; empty where one of the two lacks the user.
  std::vector<std::string> columns;
  bool missing_in_first = false;
  bool missing_in_second = false;
};

// What a comparison of the users of two generations found.
struct Comparison {
  Position position;
  int64_t users_in_first = 0;
  int64_t users_in_second = 0;
  int64_t differing_users = 0;
  // In order of user_id; not all where there are many.
  std::vector<UserDifference> differences;

  bool equal() const { return differing_users == 0; }
};

// A generation as it stands when this is made, however it is written meanwhile: for comparing it with another one, and
// for asking where its fold stood. As long as it lives the file's write-ahead log grows, so not for long.
//
// Errors: as Reader::Begin, but that files of any schema are opened that have a position and users.
//
// Thread safety: one thread.
class FrozenGeneration {
 public:
  static absl::StatusOr<std::unique_ptr<FrozenGeneration>> Open(const std::string& database_path);
  ~FrozenGeneration();

  int schema_version() const;
  const Checkpoint& checkpoint() const;
  // For each partition, from where on changes are kept.
  const std::vector<int64_t>& changes_from_offsets() const;

 private:
  friend absl::StatusOr<Comparison> CompareUsers(FrozenGeneration& first, FrozenGeneration& second, int max_differences,
                                                 absl::FunctionRef<bool()> keep_going);
  struct Parts;
  explicit FrozenGeneration(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Compares all users, in the columns that both have, at most `max_differences` of them one by one: first by digest, and
// row by row only where the digests differ. FAILED_PRECONDITION where they stand at different positions; CANCELLED soon
// after `keep_going` turned false.
absl::StatusOr<Comparison> CompareUsers(FrozenGeneration& first, FrozenGeneration& second, int max_differences,
                                        absl::FunctionRef<bool()> keep_going);

}  // namespace roster::read_model

#endif  // ROSTER_READ_MODEL_FROZEN_GENERATION_H_
