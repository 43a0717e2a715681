#ifndef ROSTER_TESTS_CHAOS_LOG_INDEX_H_
#define ROSTER_TESTS_CHAOS_LOG_INDEX_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/position.h"
#include "tests/support/history.h"

namespace roster::test::chaos {

// What a log says of users, addresses and requests at any of its points.
//
// Points are sequences: point s is the state after the event with sequence s and before the next one; 0 is the empty
// log. A point is a state of the command side, which decides in the order of sequences. A Position is a state of the
// query side, which folds partitions side by side.
//
// Thread safety: safe to read from any thread.
class LogIndex {
 public:
  // `events` in the order of their sequence; they must outlive it.
  LogIndex(const std::vector<LoggedEvent>& events, std::string log_id);

  const std::string& log_id() const { return log_id_; }
  // The events of one user, in order; none where there is no such user.
  const std::vector<const LoggedEvent*>& EventsOf(const std::string& user_id) const;
  // The event that a request_id, or an event_id, stands for; nullptr where there is none.
  const LoggedEvent* FindRequest(const std::string& request_id) const;
  const LoggedEvent* FindEvent(const std::string& event_id) const;

  // The user's newest event at a point, or a position; nullptr before their sign-up.
  const LoggedEvent* UserAt(const std::string& user_id, int64_t point) const;
  const LoggedEvent* UserAt(const std::string& user_id, const Position& position) const;
  // The live user who has the address at a point, in any case of letters; empty where it is free.
  std::string OwnerAt(const std::string& email, int64_t point) const;
  // The newest event of the live user who has the address at a position: of the highest sequence, where partitions that
  // are not equally far show two; nullptr where nobody has it.
  const LoggedEvent* OwnerAt(const std::string& email, const Position& position) const;
  // Whether the address is free at some position that reaches `from`.
  bool EverFreeFrom(const std::string& email, const Position& from) const;
  // All users who ever had an address that begins so.
  std::set<std::string> UsersWhoHad(const std::string& email_prefix) const;

  // The first point after `point` at which something changes that a decision on this user and this address may rest on;
  // -1 where nothing does.
  int64_t NextChange(const std::string& user_id, const std::string& email, int64_t point) const;

 private:
  void Release(const LoggedEvent& last, const LoggedEvent& next);

  const std::string log_id_;
  std::map<std::string, std::vector<const LoggedEvent*>> by_user_;
  std::map<std::string, const LoggedEvent*> by_request_;
  std::map<std::string, const LoggedEvent*> by_event_;
  // Who has an address from a point, or an offset, on; empty where nobody does.
  using Owners = std::map<int64_t, std::string>;
  static std::string OwnerFrom(const Owners& owners, int64_t at);

  // By address in lower case. The second also by partition, and by next offset: on one partition, too, there is at most
  // one owner at a time, since its order is that of the decisions.
  std::map<std::string, Owners> owners_;
  std::map<std::string, std::map<int32_t, Owners>> owners_on_;
};

bool IsLive(const v1::User& user);
// How addresses are compared.
std::string AddressKey(const std::string& email);

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_LOG_INDEX_H_
