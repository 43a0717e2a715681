#ifndef ROSTER_PROJECTOR_SETTLE_DEAD_LETTERS_H_
#define ROSTER_PROJECTOR_SETTLE_DEAD_LETTERS_H_

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "projector/control.pb.h"
#include "read-model/writer.h"

namespace roster::projector {

// Dead letters that one transaction settles at most, so that the fold does not wait for long.
inline constexpr int kSettleRows = 200;

// Redrives the dead letters that `request` names, in one transaction: each one's raw bytes are sorted with today's
// program, and what is an event is applied by user version, so that nothing newer is undone. Those that were applied,
// or are outdated, are marked as redriven; the rest stay open, and the answer says why. As changes in the past have
// been made, the horizon of kept changes moves to the present position: watches resumed from before must list again.
// NOT_FOUND where the one named is not there; FAILED_PRECONDITION where it is not open.
absl::StatusOr<control::SettleDeadLettersResponse> RedriveDeadLetters(const control::SettleDeadLettersRequest& request,
                                                                      read_model::Writer& writer, const Clock& clock);

// Marks the dead letters that `request` names as discarded. Errors as of RedriveDeadLetters.
absl::StatusOr<control::SettleDeadLettersResponse> DiscardDeadLetters(const control::SettleDeadLettersRequest& request,
                                                                      read_model::Writer& writer);

}  // namespace roster::projector

#endif  // ROSTER_PROJECTOR_SETTLE_DEAD_LETTERS_H_
