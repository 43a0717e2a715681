#include "tests/support/history.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "event-log/read_records_for_test.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/support/faults.h"
#include "user-event/sort_record.h"

namespace roster::test {
namespace {

using google::protobuf::util::MessageDifferencer;

int64_t MicrosOf(const google::protobuf::Timestamp& time) { return time.seconds() * 1'000'000 + time.nanos() / 1000; }

void CheckOrder(const std::vector<LoggedEvent>& events, Faults& faults) {
  std::set<std::string> event_ids, request_ids;
  for (size_t i = 0; i < events.size(); ++i) {
    const v1::UserEvent& event = events[i].event;
    if (!event_ids.insert(event.event_id()).second) faults.Add("event ", event.event_id(), " is on the log twice");
    if (!event.request_id().empty() && !request_ids.insert(event.request_id()).second) {
      faults.Add("request ", event.request_id(), " was recorded twice");
    }
    if (i == 0) continue;
    const v1::UserEvent& before = events[i - 1].event;
    if (event.sequence() <= before.sequence())
      faults.Add("sequence ", event.sequence(), " follows ", before.sequence());
    if (MicrosOf(event.occurred_at()) < MicrosOf(before.occurred_at()))
      faults.Add("event ", event.event_id(), " is earlier than the one before");
  }
}

void CheckUsers(const std::vector<LoggedEvent>& events, Faults& faults) {
  std::map<std::string, v1::User> users;
  std::map<std::string, std::string> owners;
  for (const LoggedEvent& logged : events) {
    const v1::User& user = logged.event.user();
    v1::User& last = users[user.user_id()];
    if (user.version() != last.version() + 1)
      faults.Add("user ", user.user_id(), ": version ", user.version(), " follows ", last.version());
    if (last.status() == v1::USER_STATUS_DELETED)
      faults.Add("user ", user.user_id(), " has an event after the deletion");
    const auto held = owners.find(absl::AsciiStrToLower(last.email()));
    if (held != owners.end() && held->second == user.user_id()) owners.erase(held);
    if (user.status() != v1::USER_STATUS_DELETED) {
      const auto [owner, free] = owners.emplace(absl::AsciiStrToLower(user.email()), user.user_id());
      if (!free)
        faults.Add("users ", user.user_id(), " and ", owner->second, " hold one address at sequence ",
                   logged.event.sequence());
    }
    last = user;
  }
}

void CheckAnswers(const std::vector<LoggedEvent>& events, const History& history, Faults& faults) {
  std::map<std::string, const LoggedEvent*> by_id;
  std::set<std::string> request_ids;
  for (const LoggedEvent& logged : events) {
    by_id[logged.event.event_id()] = &logged;
    request_ids.insert(logged.event.request_id());
  }
  for (const Acknowledged& acknowledged : history.acknowledged()) {
    const auto found = by_id.find(acknowledged.event_id);
    if (found == by_id.end()) {
      faults.Add("acknowledged event ", acknowledged.event_id, " is not on the log");
    } else if (found->second->location != acknowledged.location) {
      faults.Add("acknowledged event ", acknowledged.event_id, " stands elsewhere than was answered");
    } else if (!MessageDifferencer::Equals(found->second->event.user(), acknowledged.user)) {
      faults.Add("acknowledged event ", acknowledged.event_id, " holds another user than was answered");
    }
  }
  for (const std::string& request_id : history.refused()) {
    if (request_ids.count(request_id) > 0) faults.Add("refused command ", request_id, " is on the log");
  }
}

}  // namespace

std::vector<LoggedEvent> ReadEvents(event_log::EventLog& log) {
  std::vector<LoggedEvent> events;
  event_log::ReadRecords(log, [&](const event_log::RecordView& record) {
    user_event::SortedRecord sorted = user_event::SortRecord(record);
    if (auto* event = std::get_if<v1::UserEvent>(&sorted)) events.push_back({std::move(*event), record.location});
  });
  std::sort(events.begin(), events.end(),
            [](const LoggedEvent& a, const LoggedEvent& b) { return a.event.sequence() < b.event.sequence(); });
  return events;
}

void History::AddAcknowledged(Acknowledged acknowledged) {
  absl::MutexLock lock(&mutex_);
  acknowledged_.push_back(std::move(acknowledged));
}

void History::AddRefused(const std::string& request_id) {
  absl::MutexLock lock(&mutex_);
  refused_.push_back(request_id);
}

std::vector<Acknowledged> History::acknowledged() const {
  absl::MutexLock lock(&mutex_);
  return acknowledged_;
}

std::vector<std::string> History::refused() const {
  absl::MutexLock lock(&mutex_);
  return refused_;
}

std::vector<std::string> CheckLog(const std::vector<LoggedEvent>& events, const History& history) {
  Faults faults;
  CheckOrder(events, faults);
  CheckUsers(events, faults);
  CheckAnswers(events, history, faults);
  return faults.Take();
}

std::map<std::string, v1::User> FoldUsers(const std::vector<LoggedEvent>& events) {
  std::map<std::string, v1::User> users;
  for (const LoggedEvent& logged : events) {
    v1::User& user = users[logged.event.user_id()];
    if (logged.event.user_version() > user.version()) user = logged.event.user();
  }
  return users;
}

std::vector<std::string> CompareUsers(const std::map<std::string, v1::User>& read_model,
                                      const std::map<std::string, v1::User>& fold) {
  Faults faults;
  for (const auto& [id, user] : fold) {
    const auto found = read_model.find(id);
    if (found == read_model.end()) {
      faults.Add("user ", id, " is missing");
    } else if (!MessageDifferencer::Equals(found->second, user)) {
      faults.Add("user ", id, " has version ", found->second.version(), " where the log has ", user.version());
    }
  }
  for (const auto& [id, user] : read_model) {
    if (fold.count(id) == 0) faults.Add("user ", id, " is none of the log's");
  }
  return faults.Take();
}

}  // namespace roster::test
