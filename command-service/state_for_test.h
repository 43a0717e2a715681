#ifndef ROSTER_COMMAND_SERVICE_STATE_FOR_TEST_H_
#define ROSTER_COMMAND_SERVICE_STATE_FOR_TEST_H_

#include <map>
#include <string>

#include "command-service/state.h"

namespace roster::command {

// A state in memory, for tests of what rests on one.
class StateForTest final : public State {
 public:
  void Put(const v1::User& user) { users_[user.user_id()] = user; }
  void PutRequest(const std::string& request_id, const RecordedCommand& recorded) { requests_[request_id] = recorded; }

  absl::StatusOr<std::optional<v1::User>> FindUser(absl::string_view user_id) override {
    const auto found = users_.find(std::string(user_id));
    if (found == users_.end()) return std::nullopt;
    return found->second;
  }
  absl::StatusOr<std::optional<std::string>> FindEmailOwner(absl::string_view email_key) override {
    for (const auto& [id, user] : users_) {
      if (user.status() != v1::USER_STATUS_DELETED && EmailKey(user.email()) == email_key) return id;
    }
    return std::nullopt;
  }
  absl::StatusOr<std::optional<RecordedCommand>> FindRequest(absl::string_view request_id) override {
    const auto found = requests_.find(std::string(request_id));
    if (found == requests_.end()) return std::nullopt;
    return found->second;
  }

 private:
  std::map<std::string, v1::User> users_;
  std::map<std::string, RecordedCommand> requests_;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_STATE_FOR_TEST_H_
