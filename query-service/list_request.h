#ifndef ROSTER_QUERY_SERVICE_LIST_REQUEST_H_
#define ROSTER_QUERY_SERVICE_LIST_REQUEST_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "base/position.h"
#include "read-model/user_scan.h"
#include "roster/v1/user_query_service.pb.h"

namespace roster::query_service {

// A ListUsersRequest, checked.
struct ListRequest {
  read_model::UserScan scan;
  int page_size = 0;
  // Rows to send in all.
  int64_t limit = 0;
  // Where to begin; absent: at the first.
  std::optional<read_model::UserKey> from;
  // What the first page must include: the position of read_after, that of the page token.
  Position read_after;
  Position not_before;
};

// INVALID_FIELD with all that is wrong; INVALID_TOKEN.
absl::StatusOr<ListRequest> CheckListRequest(const v1::ListUsersRequest& request);

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_LIST_REQUEST_H_
