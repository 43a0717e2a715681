#include "query-service/resume_token.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "base/consistency_token.h"
#include "base/token.h"
#include "rpc-server/error_reason.h"

namespace roster::query_service {
namespace {

absl::Status InvalidResumeToken(absl::string_view why) {
  return rpc::ErrorWithReason(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_TOKEN,
                              absl::StrCat("resume_token ", why));
}

}  // namespace

std::string EncodeResumeToken(const WatchPlace& place) {
  TokenWriter writer;
  WritePosition(place.position, writer);
  writer.Int(place.listing ? 1 : 0);
  writer.String(place.next_user_id);
  writer.Int(static_cast<uint64_t>(place.older_applied_at_us));
  return SealToken(TokenKind::kResume, writer.Take());
}

absl::StatusOr<WatchPlace> DecodeResumeToken(absl::string_view token) {
  const absl::StatusOr<std::string> payload = OpenToken(TokenKind::kResume, token);
  if (!payload.ok()) return InvalidResumeToken(payload.status().message());
  TokenReader reader(*payload);
  WatchPlace place;
  place.position = ReadPosition(reader);
  const uint64_t listing = reader.Int();
  place.listing = listing == 1;
  place.next_user_id = reader.String();
  const uint64_t older_applied_at_us = reader.Int();
  place.older_applied_at_us = static_cast<int64_t>(older_applied_at_us);
  const bool in_range = listing <= 1 && older_applied_at_us <= uint64_t{std::numeric_limits<int64_t>::max()};
  if (!reader.Finished() || !in_range) return InvalidResumeToken("is not a token of this service, or was cut short");
  return place;
}

}  // namespace roster::query_service
