#include "query-service/get_read_model_status.h"

#include <utility>

#include "base/error.h"
#include "query-service/raw_message.h"
#include "query-service/read_after.h"
#include "roster/v1/user_query_service.pb.h"

namespace roster::query_service {
namespace {

constexpr int kMaxDeadLetterUserIds = 100;

absl::StatusOr<v1::GetReadModelStatusResponse> ReadStatus(read_model::Reader& reader) {
  ROSTER_ASSIGN_OR_RETURN(read_model::Snapshot snapshot, reader.Begin());
  v1::GetReadModelStatusResponse response;
  const read_model::Head& head = snapshot.head();
  response.set_log_id(head.position.log_id);
  for (size_t i = 0; i < head.position.next_offsets.size(); ++i) {
    auto* position = response.add_positions();
    position->set_partition(static_cast<int32_t>(i));
    position->set_next_offset(head.position.next_offsets[i]);
  }
  response.set_consistency_token(snapshot.consistency_token());
  if (head.fresh_as_of) {
    const timespec time = absl::ToTimespec(*head.fresh_as_of);
    response.mutable_fresh_as_of()->set_seconds(time.tv_sec);
    response.mutable_fresh_as_of()->set_nanos(static_cast<int32_t>(time.tv_nsec));
  }
  ROSTER_ASSIGN_OR_RETURN(const auto counts, snapshot.CountUsers());
  for (const auto& [status, users] : counts) {
    auto* count = response.add_user_counts();
    count->set_status(static_cast<v1::UserStatus>(status));
    count->set_count(users);
  }
  ROSTER_ASSIGN_OR_RETURN(const read_model::DeadLetterSummary letters,
                          snapshot.SummarizeDeadLetters(kMaxDeadLetterUserIds));
  response.set_open_dead_letters(letters.open);
  for (const std::string& user_id : letters.user_ids) response.add_dead_letter_user_ids(user_id);
  return response;
}

}  // namespace

void HandleGetReadModelStatus(Worker& worker, RawUnaryCall& call) {
  v1::GetReadModelStatusRequest request;
  if (absl::Status parsed = ParseRequest(call.request(), request); !parsed.ok()) return call.Fail(parsed);
  absl::StatusOr<v1::GetReadModelStatusResponse> response = ReadStatus(worker.reader());
  if (!response.ok()) {
    worker.state().on_not_ready();
    return call.Fail(ReadModelError(response.status()));
  }
  const grpc::Slice slice(response->SerializeAsString());
  call.Finish(grpc::ByteBuffer(&slice, 1));
}

}  // namespace roster::query_service
