#ifndef ROSTER_TESTS_PROPERTY_COMMAND_SOURCE_H_
#define ROSTER_TESTS_PROPERTY_COMMAND_SOURCE_H_

#include <string>
#include <vector>

#include "tests/property/rounds.h"
#include "tests/property/user_model.h"

namespace roster::test {

// Makes commands that get in each other's way: few addresses in several spellings, ids that were used before, etags
// right and stale, request ids repeated with the same and with other content.
class CommandSource {
 public:
  // Both must outlive it; `model` is what the commands so far have come to.
  CommandSource(Random& random, UserModel& model) : random_(random), model_(model) {}

  CommandRequest Next();
  // A row of an import.
  v1::SignUpUserRequest NextSignUp();

  // Every address that commands name, in lower case.
  static std::vector<std::string> Addresses();

 private:
  std::string Email();
  std::string UserId();
  std::string Etag(const std::string& user_id);
  std::string RequestId();
  CommandRequest Fresh();
  v1::UpdateUserRequest NextUpdate();
  v1::DeleteUserRequest NextDelete();

  Random& random_;
  UserModel& model_;
  std::vector<CommandRequest> past_;
  int next_request_id_ = 0;
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_PROPERTY_COMMAND_SOURCE_H_
