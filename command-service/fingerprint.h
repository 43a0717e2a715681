#ifndef ROSTER_COMMAND_SERVICE_FINGERPRINT_H_
#define ROSTER_COMMAND_SERVICE_FINGERPRINT_H_

#include <string>

#include "command-service/command.h"

namespace roster::command {

// SHA-256 of what a command asks for, 32 bytes: by it a repeat of a request_id is told from another command under the
// same id. Taken over the method and its fields in canonical form (sorted, each with its length before it), not over
// protobuf's serialisation, which may differ between clients. request_id and validate_only do not count. Pure.
//
// Stored in events: what it covers never changes for the fields of today; a field yet to come counts only where it is
// set.
std::string Fingerprint(const Command& command);

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_FINGERPRINT_H_
