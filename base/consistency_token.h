#ifndef ROSTER_BASE_CONSISTENCY_TOKEN_H_
#define ROSTER_BASE_CONSISTENCY_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/position.h"
#include "base/token.h"

namespace roster {

// A position as the opaque `consistency_token` of the API: what the command service returns with each write, and the
// query service takes as `read_after`.
std::string EncodeConsistencyToken(const Position& position);

// INVALID_ARGUMENT where the token is none. An empty token is the empty position.
absl::StatusOr<Position> DecodeConsistencyToken(absl::string_view token);

// A position within the payload of another kind of token.
void WritePosition(const Position& position, TokenWriter& writer);
// Leaves `reader` failed where there is no position.
Position ReadPosition(TokenReader& reader);

}  // namespace roster

#endif  // ROSTER_BASE_CONSISTENCY_TOKEN_H_
