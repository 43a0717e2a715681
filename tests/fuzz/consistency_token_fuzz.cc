// Consistency tokens: one that decodes stands for a position, and encodes to the same token again.
#include "base/consistency_token.h"
#include "tests/fuzz/token_input.h"

namespace roster {

ROSTER_FUZZER(consistency_token) {
  const std::string token = fuzz::TokenOf(TokenKind::kConsistency, input);
  const absl::StatusOr<Position> position = DecodeConsistencyToken(token);
  if (!position.ok() || token.empty()) return;
  FUZZ_CHECK(position->log_id.empty() == position->next_offsets.empty());
  for (const int64_t offset : position->next_offsets) FUZZ_CHECK(offset >= 0);
  const std::string again = EncodeConsistencyToken(*position);
  FUZZ_CHECK(fuzz::SameToken(TokenKind::kConsistency, again, token));
  FUZZ_CHECK(*DecodeConsistencyToken(again) == *position);
  FUZZ_CHECK(position->Reaches(*position));
  FUZZ_CHECK(!DecodeConsistencyToken(again.substr(0, again.size() - 1)).ok());
}

}  // namespace roster
