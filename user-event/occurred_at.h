#ifndef ROSTER_USER_EVENT_OCCURRED_AT_H_
#define ROSTER_USER_EVENT_OCCURRED_AT_H_

#include "absl/time/time.h"
#include "roster/v1/user_event.pb.h"

namespace roster::user_event {

// UserEvent.occurred_at as a time; 1970 where it is not set.
absl::Time OccurredAt(const v1::UserEvent& event);

}  // namespace roster::user_event

#endif  // ROSTER_USER_EVENT_OCCURRED_AT_H_
