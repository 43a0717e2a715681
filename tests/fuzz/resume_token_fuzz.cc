// Resume tokens of a watch: one that decodes encodes to the same token again.
#include "query-service/resume_token.h"
#include "tests/fuzz/token_input.h"

namespace roster::query_service {

ROSTER_FUZZER(resume_token) {
  const std::string token = fuzz::TokenOf(TokenKind::kResume, input);
  const absl::StatusOr<WatchPlace> place = DecodeResumeToken(token);
  if (!place.ok()) return;
  FUZZ_CHECK(place->position.log_id.empty() == place->position.next_offsets.empty());
  FUZZ_CHECK(place->older_applied_at_us >= 0);
  const std::string again = EncodeResumeToken(*place);
  FUZZ_CHECK(fuzz::SameToken(TokenKind::kResume, again, token));
  FUZZ_CHECK(*DecodeResumeToken(again) == *place);
}

}  // namespace roster::query_service
