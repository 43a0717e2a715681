#include "query-service/list_page_token.h"

#include "absl/strings/str_cat.h"
#include "base/consistency_token.h"
#include "base/siphash.h"
#include "base/token.h"
#include "rpc-server/error_reason.h"

namespace roster::query_service {
namespace {

absl::Status InvalidPageToken(absl::string_view why) {
  return rpc::ErrorWithReason(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_TOKEN,
                              absl::StrCat("page_token ", why));
}

uint64_t HashOf(const read_model::UserScan& scan) {
  TokenWriter writer;
  writer.Int(static_cast<uint64_t>(scan.order));
  writer.Int(scan.statuses.bits());
  writer.String(scan.email_prefix);
  writer.Int(static_cast<uint64_t>(scan.created_from_us));
  writer.Int(static_cast<uint64_t>(scan.created_before_us));
  return SipHash({}, writer.Take());
}

}  // namespace

std::string EncodePageToken(const read_model::UserScan& scan, const ListPlace& place) {
  TokenWriter writer;
  writer.Int(HashOf(scan));
  WritePosition(place.position, writer);
  writer.Int(static_cast<uint64_t>(place.next.create_time_us));
  writer.String(place.next.email_key);
  writer.String(place.next.user_id);
  return SealToken(TokenKind::kPage, writer.Take());
}

absl::StatusOr<ListPlace> DecodePageToken(const read_model::UserScan& scan, absl::string_view token) {
  const absl::StatusOr<std::string> payload = OpenToken(TokenKind::kPage, token);
  if (!payload.ok()) return InvalidPageToken(payload.status().message());
  TokenReader reader(*payload);
  const uint64_t hash = reader.Int();
  ListPlace place;
  place.position = ReadPosition(reader);
  place.next.create_time_us = static_cast<int64_t>(reader.Int());
  place.next.email_key = reader.String();
  place.next.user_id = reader.String();
  if (!reader.Finished()) return InvalidPageToken("is not a token of this service, or was cut short");
  if (hash != HashOf(scan)) {
    return InvalidPageToken("was made for another list: filter, order_by and show_deleted must be as they were");
  }
  return place;
}

}  // namespace roster::query_service
