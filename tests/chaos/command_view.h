#ifndef ROSTER_TESTS_CHAOS_COMMAND_VIEW_H_
#define ROSTER_TESTS_CHAOS_COMMAND_VIEW_H_

#include <optional>
#include <string>

#include "event-log/event_log.h"
#include "roster/v1/user.pb.h"
#include "tests/chaos/log_index.h"
#include "tests/chaos/run.pb.h"

namespace roster::test::chaos {

// What was answered to a command that was accepted.
struct CommandAnswer {
  std::string event_id;
  event_log::RecordLocation location;
  v1::User user;
  std::string consistency_token;
};

// How a command ended, as its caller knows it.
enum class Outcome { kAccepted, kRefused, kUnknown };

// A recorded call as a command, whichever of the three it is.
struct CommandView {
  const Call* call = nullptr;
  std::string request_id;
  Outcome outcome = Outcome::kUnknown;
  CommandAnswer answer;
};

// Absent where the call is a read.
std::optional<CommandView> ViewCommand(const Call& call);

// The reason for which a service that stands at `point` refuses the command; empty where it accepts it, or answers it
// again. Written anew from the contract (proto/roster/v1), not taken from the service.
std::string ExpectedRefusal(const CommandView& command, const LogIndex& log, int64_t point);

// The next point after `point` at which ExpectedRefusal may be another; -1 where there is none.
int64_t NextPoint(const CommandView& command, const LogIndex& log, int64_t point);

// What is wrong with `event` as the event of this command; empty where it is right.
std::string WrongContent(const CommandView& command, const LogIndex& log, const v1::UserEvent& event);

}  // namespace roster::test::chaos

#endif  // ROSTER_TESTS_CHAOS_COMMAND_VIEW_H_
