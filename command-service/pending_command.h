#ifndef ROSTER_COMMAND_SERVICE_PENDING_COMMAND_H_
#define ROSTER_COMMAND_SERVICE_PENDING_COMMAND_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "command-service/command.h"
#include "event-log/event_log.h"
#include "roster/v1/user.pb.h"
#include "tracing/trace_context.h"

namespace roster::command {

// What the caller of a command is answered.
struct CommandAnswer {
  const v1::User& user;
  // Empty with validate_only.
  const std::string& event_id;
  event_log::RecordLocation location;
  // The writer's position after the batch; empty with validate_only.
  const std::string& consistency_token;
};

// A command that waits for the sequencer. Owned by the call it came with; it owes the caller one answer, so the
// sequencer calls exactly one of Answer and Refuse, and does not touch it afterwards.
//
// Thread safety: on the sequencer's thread.
class PendingCommand {
 public:
  virtual Command command() const = 0;
  // When the caller stops waiting. A command whose deadline has passed is not decided any more.
  virtual absl::Time deadline() const = 0;
  // What the command's record is to carry, and its append has as its parent. Absent: nothing.
  virtual std::optional<tracing::TraceContext> trace() const = 0;

  virtual void Answer(const CommandAnswer& answer) = 0;
  virtual void Refuse(const absl::Status& error) = 0;

 protected:
  ~PendingCommand() = default;
};

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_PENDING_COMMAND_H_
