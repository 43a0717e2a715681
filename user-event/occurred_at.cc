#include "user-event/occurred_at.h"

namespace roster::user_event {

absl::Time OccurredAt(const v1::UserEvent& event) {
  return absl::FromUnixSeconds(event.occurred_at().seconds()) + absl::Nanoseconds(event.occurred_at().nanos());
}

}  // namespace roster::user_event
