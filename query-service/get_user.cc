#include "query-service/get_user.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "base/error.h"
#include "query-service/fields.h"
#include "query-service/raw_message.h"
#include "rpc-server/error_reason.h"

namespace roster::query_service {

absl::StatusOr<ReadAfter> GetUserRpc::Check(const Request& request) {
  std::vector<FieldViolation> violations;
  ReadAfter wanted;
  switch (request.key_case()) {
    case Request::kUserId:
      CheckUserId("user_id", request.user_id(), violations);
      break;
    case Request::kEmail:
      CheckEmail("email", request.email(), violations);
      if (request.show_deleted()) {
        violations.push_back(
            {"show_deleted", "must not be set with email, which finds live users only; ask by user_id"});
      }
      break;
    case Request::KEY_NOT_SET:
      violations.push_back({"user_id", "must be set, or email instead"});
      break;
  }
  ROSTER_RETURN_IF_ERROR(rpc::InvalidFields(std::move(violations)));
  if (request.read_after().empty()) return wanted;
  ROSTER_ASSIGN_OR_RETURN(wanted.position, ParseReadAfter(request.read_after()));
  if (request.key_case() == Request::kUserId) wanted.user_ids.emplace({request.user_id()});
  return wanted;
}

absl::StatusOr<grpc::ByteBuffer> GetUserRpc::Answer(const Request& request, read_model::Snapshot& snapshot) {
  const bool by_email = request.key_case() == Request::kEmail;
  ROSTER_ASSIGN_OR_RETURN(const std::optional<read_model::UserRow> user,
                          by_email ? snapshot.FindUserByEmail(absl::AsciiStrToLower(request.email()))
                                   : snapshot.FindUser(request.user_id()));
  if (!user || (user->status == v1::USER_STATUS_DELETED && !request.show_deleted())) {
    return rpc::ErrorWithReason(
        absl::StatusCode::kNotFound, v1::ERROR_REASON_USER_NOT_FOUND,
        by_email ? "no live user has this address"
                 : "there is no such user, or they were deleted; show_deleted finds deleted ones too");
  }
  RawMessage message;
  message.Reserve(user->user.size() + snapshot.consistency_token().size() + 16);
  message.Bytes(v1::GetUserResponse::kUserFieldNumber, user->user);
  message.Bytes(v1::GetUserResponse::kConsistencyTokenFieldNumber, snapshot.consistency_token());
  return message.Take();
}

}  // namespace roster::query_service
