// Page tokens: one that decodes for a list encodes to the same token again, and is no token of another list.
#include "query-service/list_page_token.h"
#include "tests/fuzz/token_input.h"

namespace roster::query_service {
namespace {

bool operator==(const ListPlace& a, const ListPlace& b) { return a.position == b.position && a.next == b.next; }

read_model::UserScan ScanOf(fuzz::InputReader& reader) {
  read_model::UserScan scan{.order = static_cast<read_model::UserOrder>(reader.Byte() % 6)};
  scan.statuses.Add(1 + reader.Byte() % 3);
  scan.email_prefix = reader.Text();
  return scan;
}

// A place that a list could go on from.
void CheckRoundTrip(const read_model::UserScan& scan, fuzz::InputReader& reader) {
  ListPlace place;
  place.next.create_time_us = static_cast<int64_t>(reader.Int());
  place.next.email_key = reader.Text();
  place.next.user_id = reader.Text();
  place.position.log_id = reader.Text();
  if (!place.position.empty()) {
    const int partitions = 1 + reader.Byte() % 6;
    place.position.next_offsets.assign(partitions, static_cast<int64_t>(reader.Int() >> 1));
  }
  const std::string token = EncodePageToken(scan, place);
  const absl::StatusOr<ListPlace> decoded = DecodePageToken(scan, token);
  FUZZ_CHECK(decoded.ok() && *decoded == place);
  read_model::UserScan other = scan;
  other.email_prefix += 'x';
  FUZZ_CHECK(!DecodePageToken(other, token).ok());
}

// The payload of a token of this list begins with the list's hash.
std::string WithHash(const read_model::UserScan& scan, absl::string_view payload) {
  const std::string some = OpenToken(TokenKind::kPage, EncodePageToken(scan, {})).value();
  TokenReader hash(some);
  TokenWriter writer;
  writer.Int(hash.Int());
  return writer.Take() + std::string(payload);
}

}  // namespace

ROSTER_FUZZER(page_token) {
  fuzz::InputReader reader(input);
  const read_model::UserScan scan = ScanOf(reader);
  const int way = reader.Byte() % 3;
  if (way == 0) return CheckRoundTrip(scan, reader);
  const std::string token = way == 1 ? SealToken(TokenKind::kPage, WithHash(scan, reader.Rest()))
                                     : fuzz::TokenOf(TokenKind::kPage, reader.Rest());
  const absl::StatusOr<ListPlace> place = DecodePageToken(scan, token);
  if (place.ok()) FUZZ_CHECK(fuzz::SameToken(TokenKind::kPage, EncodePageToken(scan, *place), token));
}

}  // namespace roster::query_service
