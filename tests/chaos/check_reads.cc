#include "tests/chaos/check_reads.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "base/consistency_token.h"
#include "google/protobuf/util/message_differencer.h"
#include "grpcpp/support/status_code_enum.h"

namespace roster::test::chaos {
namespace {

using google::protobuf::util::MessageDifferencer;

// A failure that says nothing of any user: away, too slow, or a fault of the service's own (of its disk).
bool MayFail(const Call& call) {
  return call.reason() == "INTERNAL" || call.code() == grpc::StatusCode::UNAVAILABLE ||
         call.code() == grpc::StatusCode::DEADLINE_EXCEEDED || call.code() == grpc::StatusCode::CANCELLED;
}

// A call to the query services, its position and that of its token.
class ReadCheck {
 public:
  ReadCheck(const Call& call, const LogIndex& log, Faults& faults) : call_(call), log_(log), faults_(faults) {}

  void Run() {
    if (call_.has_get()) return CheckGet(call_.get());
    if (call_.has_list()) CheckList(call_.list());
  }

 private:
  template <typename... Parts>
  void Fault(const Parts&... parts) {
    faults_.Add("the read that caller ", call_.caller(), " began at ", call_.started_us(), " us ", parts...);
  }

  // Absent, and a fault, where it is no token of this log.
  std::optional<Position> Decode(const std::string& token) {
    auto position = DecodeConsistencyToken(token);
    if (position.ok() && position->log_id == log_.log_id()) return *std::move(position);
    Fault("has a token that is none of this log");
    return std::nullopt;
  }

  // The position of an answer; absent, and a fault, where it is behind `read_after`.
  std::optional<Position> PositionOf(const std::string& token, const std::string& read_after) {
    auto position = Decode(token);
    if (!position || read_after.empty()) return position;
    const auto asked = Decode(read_after);
    if (!asked) return std::nullopt;
    if (!position->Reaches(*asked)) {
      Fault("was answered from a state older than its read_after");
      return std::nullopt;
    }
    return position;
  }

  void CheckGet(const Get& get) {
    if (call_.code() == grpc::StatusCode::OK) return CheckFound(get);
    if (call_.reason() == "USER_NOT_FOUND") return CheckNotFound(get.request());
    if (!MayFail(call_)) Fault("failed with code ", call_.code(), ", reason ", call_.reason());
  }

  void CheckFound(const Get& get) {
    const v1::GetUserRequest& request = get.request();
    const v1::User& user = get.response().user();
    const auto position = PositionOf(get.response().consistency_token(), request.read_after());
    if (!position) return;
    const LoggedEvent* expected =
        request.has_email() ? log_.OwnerAt(request.email(), *position) : log_.UserAt(request.user_id(), *position);
    if (expected == nullptr || !MessageDifferencer::Equals(expected->event.user(), user))
      Fault("found user ", user.user_id(), ", version ", user.version(), ", which is not what the log has there");
    if (!IsLive(user) && !request.show_deleted()) Fault("found a deleted user without asking for one");
  }

  void CheckNotFound(const v1::GetUserRequest& request) {
    if (request.read_after().empty()) return;
    const auto asked = Decode(request.read_after());
    if (!asked) return;
    if (request.has_email()) {
      if (!log_.EverFreeFrom(request.email(), *asked)) Fault("did not find a user by an address that is held");
      return;
    }
    const LoggedEvent* then = log_.UserAt(request.user_id(), *asked);
    if (then == nullptr || (!request.show_deleted() && IsDeletedInTheEnd(request.user_id()))) return;
    Fault("did not find ", request.user_id(), ", who is there");
  }

  // A user who is deleted stays so.
  bool IsDeletedInTheEnd(const std::string& user_id) { return !IsLive(log_.EventsOf(user_id).back()->event.user()); }

  // Lists of a chaos run ask for live users by the beginning of their address.
  void CheckList(const List& list) {
    if (call_.code() != grpc::StatusCode::OK && !MayFail(call_))
      Fault("failed with code ", call_.code(), ", reason ", call_.reason());
    std::optional<Position> first, last;
    std::set<std::string> listed;
    for (const v1::ListUsersResponse& page : list.pages()) {
      const auto position = PositionOf(page.consistency_token(), list.request().read_after());
      if (!position) return;
      if (last && !position->Reaches(*last)) Fault("has a page that is older than the page before");
      if (!first) first = position;
      last = position;
      for (const v1::User& user : page.users()) {
        const LoggedEvent* expected = log_.UserAt(user.user_id(), *position);
        if (expected == nullptr || !MessageDifferencer::Equals(expected->event.user(), user))
          Fault("listed user ", user.user_id(), ", version ", user.version(), ", which is not what the log has there");
        if (!Matches(user, list.request())) Fault("listed user ", user.user_id(), ", who does not match");
        if (!listed.insert(user.user_id()).second) Fault("listed user ", user.user_id(), " twice");
      }
    }
    if (call_.code() == grpc::StatusCode::OK && first) CheckNobodyIsMissing(list.request(), *first, *last, listed);
  }

  static bool Matches(const v1::User& user, const v1::ListUsersRequest& request) {
    return IsLive(user) && absl::StartsWith(AddressKey(user.email()), AddressKey(request.filter().email_prefix()));
  }

  void CheckNobodyIsMissing(const v1::ListUsersRequest& request, const Position& first, const Position& last,
                            const std::set<std::string>& listed) {
    for (const std::string& user_id : log_.UsersWhoHad(request.filter().email_prefix())) {
      const LoggedEvent* at_first = log_.UserAt(user_id, first);
      if (at_first == nullptr || listed.count(user_id) > 0) continue;
      const auto& events = log_.EventsOf(user_id);
      const bool always =
          std::all_of(std::find(events.begin(), events.end(), at_first), events.end(), [&](const LoggedEvent* logged) {
            return logged->location.offset >= last.next_offsets[logged->location.partition] ||
                   Matches(logged->event.user(), request);
          });
      if (always) Fault("did not list user ", user_id, ", who matched all the time");
    }
  }

  const Call& call_;
  const LogIndex& log_;
  Faults& faults_;
};

// `versions`: what the watcher was sent before.
void CheckWatched(int32_t watcher, const v1::User& user, const LogIndex& log, std::map<std::string, int64_t>& versions,
                  Faults& faults) {
  const auto& events = log.EventsOf(user.user_id());
  const bool known = std::any_of(events.begin(), events.end(), [&](const LoggedEvent* logged) {
    return logged->event.user_version() == user.version() && MessageDifferencer::Equals(logged->event.user(), user);
  });
  if (!known) {
    faults.Add("watcher ", watcher, " was sent user ", user.user_id(), ", version ", user.version(),
               ", which the log never had");
  }
  int64_t& version = versions[user.user_id()];
  if (user.version() < version) {
    faults.Add("watcher ", watcher, " was sent version ", user.version(), " of user ", user.user_id(),
               " after version ", version);
  }
  version = user.version();
}

}  // namespace

void CheckReads(const std::vector<Call>& calls, const LogIndex& log, Faults& faults) {
  for (const Call& call : calls) {
    if (call.has_ended_us()) ReadCheck(call, log, faults).Run();
  }
}

void CheckWatches(const std::vector<WatchMessage>& messages, const std::map<std::string, v1::User>& fold,
                  const LogIndex& log, Faults& faults) {
  std::map<int32_t, std::map<std::string, int64_t>> versions;
  for (const WatchMessage& received : messages) {
    auto& seen = versions[received.watcher()];
    std::set<std::string> users;
    for (const v1::User& user : received.message().users()) {
      CheckWatched(received.watcher(), user, log, seen, faults);
      if (!users.insert(user.user_id()).second)
        faults.Add("watcher ", received.watcher(), " was sent user ", user.user_id(), " twice in a message");
    }
  }
  for (const auto& [watcher, seen] : versions) {
    for (const auto& [user_id, user] : fold) {
      const auto last = seen.find(user_id);
      if (last == seen.end() || last->second != user.version()) {
        faults.Add("watcher ", watcher, " missed the last state of user ", user_id, ": version ", user.version());
      }
    }
  }
}

}  // namespace roster::test::chaos
