#include "tests/chaos/check_commands.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "google/protobuf/util/message_differencer.h"
#include "tests/chaos/command_view.h"

namespace roster::test::chaos {
namespace {

using google::protobuf::util::MessageDifferencer;

std::string NameOf(const CommandView& command) {
  return absl::StrCat("command ", command.request_id, " of caller ", command.call->caller());
}

// Places commands on the log while time goes by.
class Placement {
 public:
  Placement(const LogIndex& log, Faults& faults) : log_(log), faults_(faults) {}

  // Of calls that begin, in the order of their starts. Returns the command's point; absent where it has none.
  std::optional<int64_t> Begin(const CommandView& command) {
    const LoggedEvent* event = log_.FindRequest(command.request_id);
    if (event != nullptr) CheckEvent(command, *event);
    if (command.outcome == Outcome::kAccepted) return PlaceAccepted(command, event);
    if (command.outcome == Outcome::kRefused) return PlaceRefused(command);
    return std::nullopt;
  }

  // Of calls that end: what begins from now on is decided after `point`.
  void End(int64_t point) { floor_ = std::max(floor_, point); }

 private:
  void CheckEvent(const CommandView& command, const LoggedEvent& logged) {
    // Repeats of a request are checked with the first call.
    if (!begun_.insert(command.request_id).second) return;
    const int64_t sequence = logged.event.sequence();
    if (sequence <= floor_) {
      faults_.Add(NameOf(command), " began after the event with sequence ", floor_,
                  " was known, but was recorded with sequence ", sequence);
    }
    if (const std::string wrong = WrongContent(command, log_, logged.event); !wrong.empty())
      faults_.Add("the event of ", NameOf(command), " ", wrong);
    if (const std::string refusal = ExpectedRefusal(command, log_, sequence - 1); !refusal.empty())
      faults_.Add(NameOf(command), " was recorded where it should have been refused with ", refusal);
  }

  std::optional<int64_t> PlaceAccepted(const CommandView& command, const LoggedEvent* event) {
    if (event == nullptr || event->event.event_id() != command.answer.event_id) {
      faults_.Add(NameOf(command), " was acknowledged as event ", command.answer.event_id,
                  ", which is not on the log as the event of that request");
      return std::nullopt;
    }
    if (event->location != command.answer.location)
      faults_.Add("the event of ", NameOf(command), " stands elsewhere than was answered");
    if (!MessageDifferencer::Equals(event->event.user(), command.answer.user))
      faults_.Add("the event of ", NameOf(command), " holds another user than was answered");
    return std::max(floor_, event->event.sequence());
  }

  std::optional<int64_t> PlaceRefused(const CommandView& command) {
    if (log_.FindRequest(command.request_id) != nullptr) {
      faults_.Add(NameOf(command), " was refused with ", command.call->reason(), ", but it is on the log");
      return std::nullopt;
    }
    for (int64_t point = floor_; point >= 0; point = NextPoint(command, log_, point)) {
      if (ExpectedRefusal(command, log_, point) == command.call->reason()) return point;
    }
    faults_.Add(NameOf(command), " was refused with ", command.call->reason(),
                ", which is right at no point of the log from sequence ", floor_, " on");
    return std::nullopt;
  }

  const LogIndex& log_;
  Faults& faults_;
  // The latest point among calls that have ended.
  int64_t floor_ = 0;
  std::set<std::string> begun_;
};

}  // namespace

void CheckCommands(const std::vector<Call>& calls, const LogIndex& log, Faults& faults) {
  std::vector<CommandView> commands;
  for (const Call& call : calls) {
    if (auto command = ViewCommand(call)) commands.push_back(*std::move(command));
  }
  // Of a start and an end at the same time the start goes first: the two calls overlap.
  struct Moment {
    int64_t time_us;
    bool is_end;
    size_t command;
    auto Key() const { return std::tie(time_us, is_end, command); }
  };
  std::vector<Moment> moments;
  for (size_t i = 0; i < commands.size(); ++i) {
    moments.push_back({commands[i].call->started_us(), false, i});
    if (commands[i].call->has_ended_us()) moments.push_back({commands[i].call->ended_us(), true, i});
  }
  std::sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) { return a.Key() < b.Key(); });
  Placement placement(log, faults);
  std::vector<std::optional<int64_t>> points(commands.size());
  for (const Moment& moment : moments) {
    if (!moment.is_end) {
      points[moment.command] = placement.Begin(commands[moment.command]);
    } else if (points[moment.command]) {
      placement.End(*points[moment.command]);
    }
  }
}

}  // namespace roster::test::chaos
