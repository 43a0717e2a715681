// ListUsers requests: what passes the checks is a list within the limits, whose page tokens it takes.
#include "query-service/list_request.h"

#include "query-service/list_page_token.h"
#include "tests/fuzz/fuzz.h"

namespace roster::query_service {

ROSTER_FUZZER(list_request) {
  v1::ListUsersRequest request;
  if (!request.ParseFromArray(input.data(), static_cast<int>(input.size()))) return;
  const absl::StatusOr<ListRequest> checked = CheckListRequest(request);
  if (!checked.ok()) return;
  FUZZ_CHECK(checked->page_size >= 1 && checked->page_size <= 1000);
  FUZZ_CHECK(checked->limit >= 1);
  FUZZ_CHECK(!checked->scan.statuses.empty());
  FUZZ_CHECK(read_model::EndOfPrefix(checked->scan.email_prefix).empty() ||
             read_model::EndOfPrefix(checked->scan.email_prefix) > checked->scan.email_prefix);
  request.set_page_token(EncodePageToken(checked->scan, {.next = {.user_id = "u"}}));
  const absl::StatusOr<ListRequest> next = CheckListRequest(request);
  FUZZ_CHECK(next.ok() && next->from.has_value() && next->from->user_id == "u");
}

}  // namespace roster::query_service
