#include "query-service/list_request.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "query-service/fields.h"
#include "query-service/list_page_token.h"
#include "query-service/read_after.h"
#include "rpc-server/error_reason.h"

namespace roster::query_service {
namespace {

using read_model::UserOrder;

constexpr int kDefaultPageSize = 256;
constexpr int kMaxPageSize = 1000;
constexpr size_t kMaxEmailPrefixBytes = 254;

UserOrder CheckOrder(const std::string& order_by, std::vector<FieldViolation>& violations) {
  if (order_by.empty() || order_by == "create_time") return UserOrder::kCreateTime;
  if (order_by == "create_time desc") return UserOrder::kCreateTimeDescending;
  if (order_by == "email") return UserOrder::kEmail;
  if (order_by == "email desc") return UserOrder::kEmailDescending;
  if (order_by == "user_id") return UserOrder::kUserId;
  if (order_by == "user_id desc") return UserOrder::kUserIdDescending;
  violations.push_back({"order_by", "must be create_time, email or user_id, with ' desc' behind it or not"});
  return UserOrder::kCreateTime;
}

read_model::StatusSet CheckStatuses(const v1::ListUsersRequest& request, std::vector<FieldViolation>& violations) {
  read_model::StatusSet statuses;
  for (const int status : request.filter().statuses()) {
    if (status == v1::USER_STATUS_ACTIVE || status == v1::USER_STATUS_INACTIVE || status == v1::USER_STATUS_DELETED) {
      statuses.Add(status);
    } else if (violations.empty() || violations.back().field != "filter.statuses") {
      violations.push_back(
          {"filter.statuses", absl::StrCat("must be ACTIVE, INACTIVE or DELETED; ", status, " is none of them")});
    }
  }
  if (request.filter().statuses().empty()) {
    statuses.Add(v1::USER_STATUS_ACTIVE);
    statuses.Add(v1::USER_STATUS_INACTIVE);
    if (request.show_deleted()) statuses.Add(v1::USER_STATUS_DELETED);
  }
  return statuses;
}

void CheckFilter(const v1::ListUsersFilter& filter, read_model::UserScan& scan,
                 std::vector<FieldViolation>& violations) {
  if (filter.email_prefix().size() > kMaxEmailPrefixBytes) {
    violations.push_back({"filter.email_prefix", absl::StrCat("must have at most ", kMaxEmailPrefixBytes, " bytes")});
  }
  scan.email_prefix = absl::AsciiStrToLower(filter.email_prefix());
  if (filter.has_created_after())
    scan.created_from_us = CheckTime("filter.created_after", filter.created_after(), violations);
  if (filter.has_created_before())
    scan.created_before_us = CheckTime("filter.created_before", filter.created_before(), violations);
}

}  // namespace

absl::StatusOr<ListRequest> CheckListRequest(const v1::ListUsersRequest& request) {
  std::vector<FieldViolation> violations;
  ListRequest checked;
  checked.scan.statuses = CheckStatuses(request, violations);
  CheckFilter(request.filter(), checked.scan, violations);
  checked.scan.order = CheckOrder(request.order_by(), violations);
  if (request.page_size() < 0) violations.push_back({"page_size", "must not be negative"});
  if (request.limit() < 0) violations.push_back({"limit", "must not be negative"});
  ROSTER_RETURN_IF_ERROR(rpc::InvalidFields(std::move(violations)));
  checked.page_size = request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  checked.limit = request.limit() == 0 ? std::numeric_limits<int64_t>::max() : request.limit();
  ROSTER_ASSIGN_OR_RETURN(checked.read_after, ParseReadAfter(request.read_after()));
  if (!request.page_token().empty()) {
    ROSTER_ASSIGN_OR_RETURN(ListPlace place, DecodePageToken(checked.scan, request.page_token()));
    checked.from = std::move(place.next);
    checked.not_before = std::move(place.position);
  }
  return checked;
}

}  // namespace roster::query_service
