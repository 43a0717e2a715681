#ifndef ROSTER_TESTS_PROPERTY_USER_MODEL_H_
#define ROSTER_TESTS_PROPERTY_USER_MODEL_H_

#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "event-log/event_log.h"
#include "roster/v1/user_command_service.pb.h"

namespace roster::test {

using CommandRequest = std::variant<v1::SignUpUserRequest, v1::UpdateUserRequest, v1::DeleteUserRequest>;

// What the caller of a command got.
struct CommandOutcome {
  // ErrorReason; empty: it succeeded.
  std::string reason;
  v1::User user;
  std::string event_id;
  event_log::RecordLocation location;
};

// What commands do to users, as plainly as it can be said: to predict each command's outcome. Copies are cheap enough
// to try out several orders.
class UserModel {
 public:
  // Takes a command with its outcome. Says what is wrong with the outcome; "" where it is as it must be.
  std::string Take(const CommandRequest& request, const CommandOutcome& outcome);

  // As they stand, deleted ones included.
  const std::map<std::string, v1::User>& users() const { return users_; }
  // Event ids by request_id.
  const std::map<std::string, CommandOutcome>& requests() const { return first_outcomes_; }
  // Of the live users, by user_id; the key is an address in lower case.
  std::map<std::string, std::string> EmailOwners() const;
  // Every etag that the user ever had.
  const std::vector<std::string>& EtagsOf(const std::string& user_id) { return etags_[user_id]; }
  int events() const { return events_; }

 private:
  struct Expected {
    std::string reason;
    // But for what the service chooses: an id, etag, times.
    v1::User user;
  };

  Expected Expect(const v1::SignUpUserRequest& request) const;
  Expected Expect(const v1::UpdateUserRequest& request) const;
  Expected Expect(const v1::DeleteUserRequest& request) const;
  const v1::User* FindLive(const std::string& user_id) const;
  bool IsTaken(const std::string& email, const std::string& by_other_than) const;
  std::string TakeRepeated(const std::string& request_id, const std::string& content, const CommandOutcome& outcome);
  std::string TakeSuccess(const v1::User& expected, const v1::User& user) const;

  std::map<std::string, v1::User> users_;
  std::map<std::string, std::vector<std::string>> etags_;
  // By request_id: what was asked for, and what was answered.
  std::map<std::string, std::string> contents_;
  std::map<std::string, CommandOutcome> first_outcomes_;
  int events_ = 0;
};

}  // namespace roster::test

#endif  // ROSTER_TESTS_PROPERTY_USER_MODEL_H_
