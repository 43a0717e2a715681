#ifndef ROSTER_COMMAND_SERVICE_STATE_H_
#define ROSTER_COMMAND_SERVICE_STATE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "event-log/event_log.h"
#include "roster/v1/user.pb.h"

namespace roster::command {

// A command that was recorded: what its caller was answered, and is answered again when they repeat it.
struct RecordedCommand {
  std::string fingerprint;
  // The user as they stood after the command.
  v1::User user;
  std::string event_id;
  // Absent while the event waits in the same batch to be appended.
  std::optional<event_log::RecordLocation> location;
};

// What decisions rest on: all users, addresses and request ids up to now.
//
// Thread safety: one thread. Errors are faults of the store, never "there is none".
class State {
 public:
  virtual ~State() = default;

  // The user as they stand, deleted ones included.
  virtual absl::StatusOr<std::optional<v1::User>> FindUser(absl::string_view user_id) = 0;
  // user_id of the live user who has the address, given in ASCII lower case.
  virtual absl::StatusOr<std::optional<std::string>> FindEmailOwner(absl::string_view email_key) = 0;
  // The command that was recorded under a request_id.
  virtual absl::StatusOr<std::optional<RecordedCommand>> FindRequest(absl::string_view request_id) = 0;
};

// How addresses are compared.
std::string EmailKey(absl::string_view email);

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_STATE_H_
