#ifndef ROSTER_QUERY_SERVICE_LIST_PAGE_TOKEN_H_
#define ROSTER_QUERY_SERVICE_LIST_PAGE_TOKEN_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/position.h"
#include "read-model/user_scan.h"

namespace roster::query_service {

// Where a list goes on. Names a place in the order and a position on the log, nothing of one file, so it is good at any
// replica.
struct ListPlace {
  // The page before was read at this position: the next may not be older.
  Position position;
  read_model::UserKey next;
};

// The token is bound to filter and order by a hash of `scan`.
std::string EncodePageToken(const read_model::UserScan& scan, const ListPlace& place);

// INVALID_TOKEN where `token` is none, or was made for another filter or order.
absl::StatusOr<ListPlace> DecodePageToken(const read_model::UserScan& scan, absl::string_view token);

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_LIST_PAGE_TOKEN_H_
