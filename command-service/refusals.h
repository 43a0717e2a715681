#ifndef ROSTER_COMMAND_SERVICE_REFUSALS_H_
#define ROSTER_COMMAND_SERVICE_REFUSALS_H_

#include <string>

#include "absl/status/status.h"

// What the sequencer answers where it does not decide, each with a reason, and how soon to try again.
namespace roster::command {

absl::Status ShuttingDown();
absl::Status NotReady();
// `leader`: the address of the command service that leads; empty where it is not known.
absl::Status NotLeader(const std::string& leader);
absl::Status LogUnavailable();
absl::Status OutcomeUnknown();
absl::Status Overloaded();
absl::Status DeadlinePassed();

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_REFUSALS_H_
