#include "query-service/read_after.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/consistency_token.h"
#include "base/error.h"
#include "base/log.h"
#include "rpc-server/error_reason.h"

namespace roster::query_service {
namespace {

constexpr absl::Duration kRetryDelay = absl::Seconds(1);
constexpr absl::Duration kLongestReserve = absl::Milliseconds(200);

}  // namespace

absl::StatusOr<Position> ParseReadAfter(absl::string_view token) {
  absl::StatusOr<Position> position = DecodeConsistencyToken(token);
  if (position.ok()) return position;
  return rpc::ErrorWithReason(
      absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_INVALID_TOKEN,
      absl::StrCat("read_after ", position.status().message(), ": give a consistency_token as it was received"));
}

absl::StatusOr<read_model::Snapshot> BeginRead(read_model::Reader& reader) {
  absl::StatusOr<read_model::Snapshot> snapshot = reader.Begin();
  if (!snapshot.ok()) return ReadModelError(snapshot.status());
  if (!snapshot->head().fresh_as_of) {
    return rpc::UnavailableError(v1::ERROR_REASON_NOT_READY, "the read model has not reached the end of the log yet",
                                 kRetryDelay);
  }
  return snapshot;
}

absl::Status CheckSameLog(const read_model::Head& head, const Position& position) {
  const bool same =
      position.empty() || head.position.empty() ||
      (position.log_id == head.position.log_id && position.next_offsets.size() == head.position.next_offsets.size());
  if (same) return absl::OkStatus();
  return rpc::ErrorWithReason(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_FOREIGN_TOKEN,
                              "the token is of another log than the one read here; start without a token");
}

absl::StatusOr<bool> Includes(read_model::Snapshot& snapshot, const ReadAfter& wanted) {
  if (wanted.position.empty()) return true;
  ROSTER_RETURN_IF_ERROR(CheckSameLog(snapshot.head(), wanted.position));
  absl::StatusOr<bool> held = snapshot.HasOpenDeadLetter(wanted.position, std::nullopt);
  if (held.ok() && *held && wanted.user_ids) {
    for (const std::string& user_id : *wanted.user_ids) {
      held = snapshot.HasOpenDeadLetter(wanted.position, user_id);
      if (!held.ok() || *held) break;
    }
  }
  if (!held.ok()) return ReadModelError(held.status());
  if (*held) {
    return rpc::UnavailableError(
        v1::ERROR_REASON_HELD_BY_DEAD_LETTER,
        "an event that read_after asks for could not be folded, and waits for an operator as a dead letter; "
        "read without read_after to see the state without it",
        absl::Seconds(30));
  }
  return snapshot.head().position.Reaches(wanted.position);
}

absl::Time WaitLimit(absl::Time now, absl::Time deadline, absl::Duration max_wait) {
  const absl::Duration reserve = std::min((deadline - now) / 10, kLongestReserve);
  return std::min(now + max_wait, deadline - reserve);
}

absl::Status NotYetVisible() {
  return rpc::UnavailableError(v1::ERROR_REASON_NOT_YET_VISIBLE, "the read model has not reached read_after yet",
                               kRetryDelay);
}

absl::Status ShuttingDown() {
  return rpc::UnavailableError(v1::ERROR_REASON_SHUTTING_DOWN, "the server is stopping; go on at another one, or later",
                               kRetryDelay);
}

absl::Status Overloaded(absl::string_view what) {
  return rpc::ErrorWithReason(absl::StatusCode::kResourceExhausted, v1::ERROR_REASON_OVERLOADED,
                              absl::StrCat("too many ", what, " are open already"), {.retry_delay = kRetryDelay});
}

absl::Status ReadModelError(const absl::Status& error) {
  if (GetErrorDetails(error)) return error;
  switch (error.code()) {
    case absl::StatusCode::kNotFound:
      return rpc::UnavailableError(v1::ERROR_REASON_NOT_READY, "there is no read model yet: is its projector running?",
                                   kRetryDelay);
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kFailedPrecondition:
      Log(LogLevel::kWarning, "the read model cannot be read", {{"error", error}});
      return rpc::UnavailableError(v1::ERROR_REASON_NOT_READY, "the read model cannot be read at present", kRetryDelay);
    default:
      // Without details it is the service's own fault, logged and answered as such at the server's edge.
      return error;
  }
}

}  // namespace roster::query_service
