#ifndef ROSTER_QUERY_SERVICE_READ_AFTER_H_
#define ROSTER_QUERY_SERVICE_READ_AFTER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/position.h"
#include "read-model/reader.h"

namespace roster::query_service {

// What a read's `read_after` asks for.
struct ReadAfter {
  // Empty: the present state will do.
  Position position;
  // Whom the read is about: only a dead letter that concerns one of them holds it up. Absent: anybody.
  std::optional<std::vector<std::string>> user_ids;
};

// INVALID_TOKEN where `token` is none; an empty one is an empty position.
absl::StatusOr<Position> ParseReadAfter(absl::string_view token);

// The present state, for a read that may go on. NOT_READY: the read model has not reached the log's end yet, or cannot
// be read now.
absl::StatusOr<read_model::Snapshot> BeginRead(read_model::Reader& reader);

// Whether `snapshot` includes `wanted`. FOREIGN_TOKEN, HELD_BY_DEAD_LETTER.
absl::StatusOr<bool> Includes(read_model::Snapshot& snapshot, const ReadAfter& wanted);

// FOREIGN_TOKEN where `position` is none of the log that `head` is a fold of.
absl::Status CheckSameLog(const read_model::Head& head, const Position& position);

// Until when a call that began at `now` may wait: early enough for its answer to arrive before `deadline`, and at most
// for `max_wait`.
absl::Time WaitLimit(absl::Time now, absl::Time deadline, absl::Duration max_wait);

absl::Status NotYetVisible();
absl::Status ShuttingDown();
absl::Status Overloaded(absl::string_view what);

// An error of the read model as callers see it. What it was stays in the log.
absl::Status ReadModelError(const absl::Status& error);

}  // namespace roster::query_service

#endif  // ROSTER_QUERY_SERVICE_READ_AFTER_H_
