#ifndef ROSTER_COMMAND_SERVICE_CHECK_COMMAND_H_
#define ROSTER_COMMAND_SERVICE_CHECK_COMMAND_H_

#include <cstddef>
#include <vector>

#include "base/error.h"
#include "command-service/command.h"

namespace roster::command {

// Limits of a command's fields, in bytes where nothing else is said. Together they keep an event below 64 KiB, so that
// one command can never make its batch too large.
inline constexpr size_t kMaxEmailBytes = 254;
inline constexpr size_t kMaxDisplayNameBytes = 256;
inline constexpr size_t kMaxLabels = 64;
inline constexpr size_t kMaxLabelKeyBytes = 63;
inline constexpr size_t kMaxLabelValueBytes = 256;
inline constexpr size_t kMaxIdBytes = 128;
inline constexpr size_t kMaxEtagBytes = 128;

// The form of a command, whatever the state: every field that is wrong, with its limit and what to do. Pure.
std::vector<FieldViolation> CheckForm(const Command& command);

}  // namespace roster::command

#endif  // ROSTER_COMMAND_SERVICE_CHECK_COMMAND_H_
