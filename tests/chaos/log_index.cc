#include "tests/chaos/log_index.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace roster::test::chaos {
namespace {

template <typename Map>
auto ValueOr(const Map& map, const std::string& key, typename Map::mapped_type fallback) {
  const auto found = map.find(key);
  return found == map.end() ? fallback : found->second;
}

// The last of a user's events for which `before` holds, given that it holds for those up to some event and none after.
template <typename Before>
const LoggedEvent* LastWhere(const std::vector<const LoggedEvent*>& events, Before before) {
  const auto end = std::partition_point(events.begin(), events.end(), before);
  return end == events.begin() ? nullptr : *std::prev(end);
}

}  // namespace

bool IsLive(const v1::User& user) { return user.status() != v1::USER_STATUS_DELETED; }

std::string AddressKey(const std::string& email) { return absl::AsciiStrToLower(email); }

LogIndex::LogIndex(const std::vector<LoggedEvent>& events, std::string log_id) : log_id_(std::move(log_id)) {
  for (const LoggedEvent& logged : events) {
    const v1::User& user = logged.event.user();
    std::vector<const LoggedEvent*>& history = by_user_[user.user_id()];
    if (!history.empty()) Release(*history.back(), logged);
    if (IsLive(user)) {
      const std::string address = AddressKey(user.email());
      owners_[address][logged.event.sequence()] = user.user_id();
      owners_on_[address][logged.location.partition][logged.location.offset + 1] = user.user_id();
    }
    history.push_back(&logged);
    by_event_[logged.event.event_id()] = &logged;
    if (!logged.event.request_id().empty()) by_request_.emplace(logged.event.request_id(), &logged);
  }
}

void LogIndex::Release(const LoggedEvent& last, const LoggedEvent& next) {
  const v1::User& user = last.event.user();
  if (!IsLive(user)) return;
  // Another may have it by now, where the log is wrong.
  const auto release = [&user](Owners& owners, int64_t at) {
    if (std::prev(owners.end())->second == user.user_id()) owners[at] = "";
  };
  const std::string address = AddressKey(user.email());
  release(owners_[address], next.event.sequence());
  release(owners_on_[address][last.location.partition], next.location.offset + 1);
}

const std::vector<const LoggedEvent*>& LogIndex::EventsOf(const std::string& user_id) const {
  static const auto& none = *new std::vector<const LoggedEvent*>();
  const auto found = by_user_.find(user_id);
  return found == by_user_.end() ? none : found->second;
}

const LoggedEvent* LogIndex::FindRequest(const std::string& request_id) const {
  return ValueOr(by_request_, request_id, nullptr);
}

const LoggedEvent* LogIndex::FindEvent(const std::string& event_id) const {
  return ValueOr(by_event_, event_id, nullptr);
}

const LoggedEvent* LogIndex::UserAt(const std::string& user_id, int64_t point) const {
  return LastWhere(EventsOf(user_id), [point](const LoggedEvent* logged) { return logged->event.sequence() <= point; });
}

const LoggedEvent* LogIndex::UserAt(const std::string& user_id, const Position& position) const {
  return LastWhere(EventsOf(user_id), [&position](const LoggedEvent* logged) {
    return logged->location.offset < position.next_offsets[logged->location.partition];
  });
}

std::string LogIndex::OwnerFrom(const Owners& owners, int64_t at) {
  const auto after = owners.upper_bound(at);
  return after == owners.begin() ? "" : std::prev(after)->second;
}

std::string LogIndex::OwnerAt(const std::string& email, int64_t point) const {
  const auto address = owners_.find(AddressKey(email));
  return address == owners_.end() ? "" : OwnerFrom(address->second, point);
}

const LoggedEvent* LogIndex::OwnerAt(const std::string& email, const Position& position) const {
  const auto address = owners_on_.find(AddressKey(email));
  if (address == owners_on_.end()) return nullptr;
  const LoggedEvent* newest = nullptr;
  for (const auto& [partition, owners] : address->second) {
    const std::string owner = OwnerFrom(owners, position.next_offsets[partition]);
    if (owner.empty()) continue;
    const LoggedEvent* last = UserAt(owner, position);
    if (newest == nullptr || last->event.sequence() > newest->event.sequence()) newest = last;
  }
  return newest;
}

bool LogIndex::EverFreeFrom(const std::string& email, const Position& from) const {
  const auto address = owners_on_.find(AddressKey(email));
  if (address == owners_on_.end()) return true;
  // Partitions are folded side by side: any mixture of their states may be read. So each is looked at alone.
  return std::all_of(address->second.begin(), address->second.end(), [&from](const auto& on_partition) {
    const auto& [partition, owners] = on_partition;
    const int64_t at = from.next_offsets[partition];
    return OwnerFrom(owners, at).empty() ||
           std::any_of(owners.upper_bound(at), owners.end(), [](const auto& change) { return change.second.empty(); });
  });
}

std::set<std::string> LogIndex::UsersWhoHad(const std::string& email_prefix) const {
  const std::string prefix = AddressKey(email_prefix);
  std::set<std::string> users;
  for (auto address = owners_.lower_bound(prefix); address != owners_.end() && absl::StartsWith(address->first, prefix);
       ++address) {
    for (const auto& [point, owner] : address->second) {
      if (!owner.empty()) users.insert(owner);
    }
  }
  return users;
}

int64_t LogIndex::NextChange(const std::string& user_id, const std::string& email, int64_t point) const {
  int64_t next = -1;
  const auto consider = [&next](int64_t sequence) { next = next < 0 ? sequence : std::min(next, sequence); };
  const auto& events = EventsOf(user_id);
  const auto event = std::partition_point(
      events.begin(), events.end(), [point](const LoggedEvent* logged) { return logged->event.sequence() <= point; });
  if (event != events.end()) consider((*event)->event.sequence());
  if (const auto address = owners_.find(AddressKey(email)); address != owners_.end()) {
    const auto change = address->second.upper_bound(point);
    if (change != address->second.end()) consider(change->first);
  }
  return next;
}

}  // namespace roster::test::chaos
