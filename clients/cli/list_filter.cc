#include "clients/cli/list_filter.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "clients/cli/user_format.h"

namespace roster::cli {
namespace {

absl::StatusOr<google::protobuf::Timestamp> TimeOf(const std::string& flag, const std::string& text) {
  auto time = ParseTime(text);
  if (!time.ok()) return absl::InvalidArgumentError(absl::StrCat(flag, ": ", time.status().message()));
  return time;
}

}  // namespace

void ListFilter::AddOptions(CLI::App& command) {
  command.add_option("--status", statuses_, "Only users with this status; may be repeated")
      ->check(CLI::IsMember({"active", "inactive", "deleted"}))
      ->allow_extra_args(false);
  command.add_option("--email-prefix", email_prefix_, "Only live users whose address begins so");
  command.add_option("--created-after", created_after_, "Only users who signed up at this time or later (RFC 3339)")
      ->type_name("TIME");
  command.add_option("--created-before", created_before_, "Only users who signed up before this time (RFC 3339)")
      ->type_name("TIME");
  command
      .add_option("--order-by", order_by_, "Order; with an address, deleted users are left out. Default: create_time")
      ->check(CLI::IsMember({"create_time", "create_time desc", "email", "email desc", "user_id", "user_id desc"}));
  command.add_option("--limit", limit_, "At most so many users; 0: all")->check(CLI::NonNegativeNumber);
  command.add_option("--page-size", page_size_, "Users a message, at most 1000; 0: the service's choice")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--show-deleted", show_deleted_, "Deleted users too");
}

absl::StatusOr<v1::ListUsersRequest> ListFilter::MakeRequest() const {
  v1::ListUsersRequest request;
  v1::ListUsersFilter& filter = *request.mutable_filter();
  for (const std::string& name : statuses_) {
    ROSTER_ASSIGN_OR_RETURN(const v1::UserStatus status, ParseStatus(name));
    filter.add_statuses(status);
  }
  filter.set_email_prefix(email_prefix_);
  if (!created_after_.empty()) {
    ROSTER_ASSIGN_OR_RETURN(*filter.mutable_created_after(), TimeOf("--created-after", created_after_));
  }
  if (!created_before_.empty()) {
    ROSTER_ASSIGN_OR_RETURN(*filter.mutable_created_before(), TimeOf("--created-before", created_before_));
  }
  request.set_order_by(order_by_);
  request.set_limit(limit_);
  request.set_page_size(page_size_);
  request.set_show_deleted(show_deleted_);
  return request;
}

bool ListFilter::IsEverybody() const {
  return statuses_.empty() && email_prefix_.empty() && created_after_.empty() && created_before_.empty() &&
         limit_ == 0 && !show_deleted_;
}

}  // namespace roster::cli
