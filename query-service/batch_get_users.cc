#include "query-service/batch_get_users.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "query-service/fields.h"
#include "query-service/raw_message.h"
#include "rpc-server/error_reason.h"

namespace roster::query_service {
namespace {

constexpr int kMaxUserIds = 1000;
// A client takes no more than 4 MiB by default.
constexpr size_t kMaxAnswerBytes = 3 << 20;
// Callers take no more than 8 KiB of error details.
constexpr size_t kMaxViolations = 16;

absl::Status TooLarge() {
  return rpc::InvalidFields({{"user_ids", absl::StrCat("name users of more than ", kMaxAnswerBytes >> 20,
                                                       " MiB together: ask for fewer of them in a call")}});
}

}  // namespace

absl::StatusOr<ReadAfter> BatchGetUsersRpc::Check(const Request& request) {
  std::vector<FieldViolation> violations;
  if (request.user_ids_size() > kMaxUserIds) {
    violations.push_back({"user_ids", absl::StrCat("must be at most ", kMaxUserIds, ", and are ",
                                                   request.user_ids_size(), ": ask in several calls")});
  } else {
    for (int i = 0; i < request.user_ids_size() && violations.size() < kMaxViolations; ++i)
      CheckUserId(absl::StrCat("user_ids[", i, "]"), request.user_ids(i), violations);
  }
  ROSTER_RETURN_IF_ERROR(rpc::InvalidFields(std::move(violations)));
  ReadAfter wanted;
  wanted.user_ids.emplace(request.user_ids().begin(), request.user_ids().end());
  ROSTER_ASSIGN_OR_RETURN(wanted.position, ParseReadAfter(request.read_after()));
  return wanted;
}

absl::StatusOr<grpc::ByteBuffer> BatchGetUsersRpc::Answer(const Request& request, read_model::Snapshot& snapshot) {
  RawMessage message;
  std::vector<absl::string_view> missing;
  absl::flat_hash_set<absl::string_view> answered;
  for (const std::string& user_id : request.user_ids()) {
    if (!answered.insert(user_id).second) continue;
    ROSTER_ASSIGN_OR_RETURN(const std::optional<read_model::UserRow> user, snapshot.FindUser(user_id));
    if (user && (user->status != v1::USER_STATUS_DELETED || request.show_deleted())) {
      message.Bytes(v1::BatchGetUsersResponse::kUsersFieldNumber, user->user);
      if (message.size_bytes() > kMaxAnswerBytes) return TooLarge();
    } else {
      missing.push_back(user_id);
    }
  }
  for (const absl::string_view user_id : missing)
    message.Bytes(v1::BatchGetUsersResponse::kMissingUserIdsFieldNumber, user_id);
  message.Bytes(v1::BatchGetUsersResponse::kConsistencyTokenFieldNumber, snapshot.consistency_token());
  return message.Take();
}

}  // namespace roster::query_service
