#ifndef ROSTER_TESTS_SUPPORT_HISTORY_H_
#define ROSTER_TESTS_SUPPORT_HISTORY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "event-log/event_log.h"
#include "roster/v1/user_event.pb.h"

namespace roster::test {

// An event with its place on the log.
struct LoggedEvent {
  v1::UserEvent event;
  event_log::RecordLocation location;
};

// All user events of a log, in the order of their sequence. Records that no fold can use are left out.
std::vector<LoggedEvent> ReadEvents(event_log::EventLog& log);

// A command that a caller was told is recorded.
struct Acknowledged {
  std::string request_id;
  std::string event_id;
  event_log::RecordLocation location;
  v1::User user;
};

// What callers were told. Thread safety: safe from any thread.
class History {
 public:
  void AddAcknowledged(Acknowledged acknowledged);
  // The command was refused for good: it must not be on the log.
  void AddRefused(const std::string& request_id);

  std::vector<Acknowledged> acknowledged() const;
  std::vector<std::string> refused() const;

 private:
  mutable absl::Mutex mutex_;
  std::vector<Acknowledged> acknowledged_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> refused_ ABSL_GUARDED_BY(mutex_);
};

// Everything in which the log breaks Roster's promises, one sentence each, at most 20; empty where it keeps them all:
// event ids and request ids once; sequence and time never go back; versions of a user count up by one from 1; no
// address is held by two live users after any event; every acknowledged command is there as it was answered; no refused
// one is there.
std::vector<std::string> CheckLog(const std::vector<LoggedEvent>& events, const History& history);

// Users as they stand after all events.
std::map<std::string, v1::User> FoldUsers(const std::vector<LoggedEvent>& events);

// Everything in which `read_model` (users by id, deleted ones included) differs from a fold of the log; at most 20.
std::vector<std::string> CompareUsers(const std::map<std::string, v1::User>& read_model,
                                      const std::map<std::string, v1::User>& fold);

}  // namespace roster::test

#endif  // ROSTER_TESTS_SUPPORT_HISTORY_H_
