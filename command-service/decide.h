#ifndef ROSTER_COMMAND_SERVICE_DECIDE_H_
#define ROSTER_COMMAND_SERVICE_DECIDE_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "command-service/command.h"
#include "command-service/state.h"
#include "roster/v1/user_event.pb.h"

namespace roster::command {

// What an event gets from outside the decision.
struct Stamp {
  std::string event_id;
  // For a sign-up whose caller chose no user_id.
  std::string new_user_id;
  int64_t sequence = 0;
  absl::Time occurred_at;
};

// The command repeats one that was recorded: answer as then.
struct Repeated {
  RecordedCommand first;
};

// The command passes: `event` is to be recorded, or with validate_only only shown.
struct Accepted {
  v1::UserEvent event;
};

using Decision = std::variant<Accepted, Repeated>;

// Decides one command. Checks in this order: form, request_id, existence, etag, user_id, e-mail. A refusal is an error
// with ErrorDetails; an error without is a fault of `state`. Changes nothing: no clock, no chance, no I/O but through
// `state`.
absl::StatusOr<Decision> Decide(const Command& command, State& state, const Stamp& stamp);

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_DECIDE_H_
